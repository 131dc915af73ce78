import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubernetesVolume, createTestCa, type KubernetesVolume, type TestCa } from '@meshid/testkit'
import type { ClusterAddress } from '../cluster/cluster-protocol.ts'

/** What the identity server's pod mounts, and the CA that it is of. */
export interface ServerMounts extends AsyncDisposable {
  readonly ca: TestCa
  readonly issuer: KubernetesVolume
  readonly trustRoots: string
  readonly serviceAccount: string
}

/** The files of the Secret `linkerd-identity-issuer`, scheme `linkerd.io/tls`. */
export const issuerFiles = (certificatePem: string, keyPem: string): Readonly<Record<string, string>> => ({
  'crt.pem': certificatePem,
  'key.pem': keyPem,
})

/** Makes a CA and lays out the mounts below a temporary folder. */
export async function mountServer(cluster: ClusterAddress): Promise<ServerMounts> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-fleet-'))
  const ca = await createTestCa({ now: new Date(Date.now() - 60_000) })
  const volume = (name: string, files: Readonly<Record<string, string>>): Promise<KubernetesVolume> =>
    createKubernetesVolume(join(folder, name), files)
  const account = { 'ca.crt': cluster.caPem, token: cluster.callerToken, namespace: 'linkerd' }
  return {
    ca,
    issuer: await volume('issuer', issuerFiles(ca.issuerPem, ca.issuerKey.toPkcs8Pem())),
    trustRoots: (await volume('trust-roots', { 'ca-bundle.crt': ca.rootPem })).path,
    serviceAccount: (await volume('serviceaccount', account)).path,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}
