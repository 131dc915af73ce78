import { TokenReviewError } from '../errors.ts'
import type { ClusterTransportOptions } from './cluster-transport.ts'

/** Where Kubernetes mounts the credentials of a pod's service account. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Where the API server is, and the files that this process shows to it. */
export type InClusterTransportOptions = Pick<ClusterTransportOptions, 'host' | 'port' | 'caFile' | 'tokenFile'>

/**
 * Finds the API server the way every pod does; spread the result into the options of `createClusterTransport`. No file is
 * read here.
 *
 * @param env - the environment, usually `process.env`; `KUBERNETES_SERVICE_HOST` may be an IPv6 address
 * @throws TokenReviewError TOKEN_REVIEW_NOT_IN_CLUSTER
 * @see Kubernetes "Accessing the API from a Pod"
 */
export function inClusterTransportOptions(
  env: Readonly<Record<string, string | undefined>>,
): InClusterTransportOptions {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (host === undefined || host === '') throw notInCluster('KUBERNETES_SERVICE_HOST', 'an address', 'nothing')
  if (port === undefined || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw notInCluster('KUBERNETES_SERVICE_PORT', 'a port', port === undefined ? 'nothing' : 'another text')
  }
  return Object.freeze({
    host,
    port: Number(port),
    caFile: `${SERVICE_ACCOUNT_DIRECTORY}/ca.crt`,
    tokenFile: `${SERVICE_ACCOUNT_DIRECTORY}/token`,
  })
}

function notInCluster(name: string, expected: string, found: string): TokenReviewError {
  return new TokenReviewError('TOKEN_REVIEW_NOT_IN_CLUSTER', `${name}: expected ${expected}, found ${found}`, {
    detail: { field: name, expected, found },
  })
}
