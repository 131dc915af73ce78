import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { formatAddress } from '@meshid/example-operations'
import {
  DEFAULT_MAX_REFRESH_MS,
  LINKERD_MIN_REFRESH_MS,
  linkerdSchedule,
  type RefreshSchedule,
  SPREAD_MIN_REFRESH_MS,
  spreadSchedule,
} from '@meshid/refresh'
import { createConnectorCredentials, createIdentityClient, RpcError } from '@meshid/rpc'
import {
  type Certify,
  connectTls,
  formatWorkloadName,
  type TrustAnchorSource,
  type WorkloadName,
} from '@meshid/workload'
import type { Environment } from './environment.ts'
import type { IdentityServiceSettings } from './identity-service.ts'

/** How long TLS with the identity service may take, in milliseconds: half of what a question may, so that it is told apart. */
const TLS_TIMEOUT_MS = 5000

/** How the identity service is trusted. */
export interface CertifyOptions {
  readonly trustAnchors: TrustAnchorSource
  readonly now: () => Date
}

/**
 * Asks the identity service by gRPC, on a connection of its own for each question, as linkerd2-proxy does: with TLS to the
 * name that it must have, or without on this machine. The own certificate is shown only while it is valid (Q36), the trust
 * anchors are those of the moment, and each question has a deadline (Q37).
 */
export function certifyOverGrpc({ address, serverName }: IdentityServiceSettings, options: CertifyOptions): Certify {
  return async ({ identity, token, csr }, { signal, source }) => {
    const refusals: unknown[] = []
    const secure = (name: WorkloadName) => (connection: Socket) =>
      connectTls(connection, { ...options, serverName: name, source, timeoutMs: TLS_TIMEOUT_MS }).catch(
        (error: unknown) => {
          refusals.push(error)
          throw error
        },
      )
    const credentials = serverName === undefined ? 'plaintext' : createConnectorCredentials(secure(serverName))
    using client = createIdentityClient({ address: formatAddress(address), credentials })
    const request = { identity, token, certificateSigningRequest: csr }
    const answer = await client.certify(request, { signal }).catch((error: unknown) => {
      throw refusals.at(-1) ?? error // Why there was no connection says more than that there was none.
    })
    const { leafCertificate: leaf, intermediateCertificates: intermediates, validUntil } = answer
    return { leaf, intermediates, validUntil }
  }
}

/** How long an identity service that has too much to do asked to be left alone. */
export const retryAfterMsOf = (error: unknown): number | undefined =>
  error instanceof RpcError ? error.retryAfterMs : undefined

/** Linkerd's schedule for a Linkerd name, otherwise one that spreads a fleet; the environment's limits hold for both. */
export function scheduleOf({ name, minRefreshMs, maxRefreshMs }: Environment): RefreshSchedule {
  const maxMs = maxRefreshMs ?? DEFAULT_MAX_REFRESH_MS
  const defaultMinMs = name.kind === 'dns' ? LINKERD_MIN_REFRESH_MS : SPREAD_MIN_REFRESH_MS
  const minMs = minRefreshMs ?? Math.min(defaultMinMs, maxMs)
  const limits = { minMs, maxMs: Math.max(minMs, maxMs) }
  if (name.kind === 'dns') return linkerdSchedule(limits)
  return spreadSchedule({ seed: `${formatWorkloadName(name)} ${hostname()} ${process.pid}`, ...limits })
}
