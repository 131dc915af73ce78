import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCsr } from '@meshid/csr'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import type { CertifyRequest } from '@meshid/rpc'
import {
  createKubernetesVolume,
  createTestCa,
  type KubernetesApi,
  type KubernetesVolume,
  startKubernetesApi,
  type TestCa,
} from '@meshid/testkit'

const YEAR_MS = 365 * 86_400_000

/** Everything around an identity server: a cluster, a CA, and the mounts of its pod. */
export interface World extends AsyncDisposable {
  readonly api: KubernetesApi
  /** Made a year ago, so that what it issued may have expired since. */
  readonly ca: TestCa
  readonly folder: string
  readonly issuer: KubernetesVolume
  readonly trustRoots: KubernetesVolume
  readonly serviceAccount: KubernetesVolume
}

/** The issuer's Secret, scheme `linkerd.io/tls`. */
export const secret = (crt: string, key: string) => ({ 'crt.pem': crt, 'key.pem': key })

/** Lays out a cluster with the account and the pod of emojivoto/web. */
export async function createWorld(): Promise<World> {
  const api = await startKubernetesApi()
  api.createServiceAccount(web)
  api.createPod({ ...web, name: 'web-1', serviceAccountName: 'web' })
  const ca = await createTestCa({ now: new Date(Date.now() - YEAR_MS) })
  const folder = await mkdtemp(join(tmpdir(), 'meshid-identity-server-'))
  const volume = (name: string, files: Record<string, string>) => createKubernetesVolume(join(folder, name), files)
  return {
    api,
    ca,
    folder,
    issuer: await volume('issuer', secret(ca.issuerPem, ca.issuerKey.toPkcs8Pem())),
    trustRoots: await volume('trust-roots', { 'ca-bundle.crt': ca.rootPem }),
    serviceAccount: await volume('serviceaccount', { 'ca.crt': api.caPem, token: api.callerToken }),
    async [Symbol.asyncDispose]() {
      await api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The account of the tests. */
export const web = { namespace: 'emojivoto', name: 'web' }
export const webSpiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'
export const webLinkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'

/** A request of emojivoto/web in which all is in order, by either of its names. */
export async function goodRequest({ api }: Pick<World, 'api'>, identity = webSpiffeId): Promise<CertifyRequest> {
  const token = new TextEncoder().encode(await api.createToken({ ...web, podName: 'web-1' }))
  const signer = createNodeSigner(generateNodePrivateKey('P-256'))
  const names = identity.startsWith('spiffe:') ? { uris: [identity] } : { dnsNames: [identity] }
  return { identity, token, certificateSigningRequest: await buildCsr({ signer, ...names }) }
}
