import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubernetesVolume, type KubernetesVolume } from '@meshid/testkit'
import { createClusterTransport } from '@meshid/token-review/node'
import type { KeyPair } from './certificates.ts'
import type { LogLine } from './process.ts'
import type { Pod } from './pods.ts'

/** What the API server's process said of itself. */
export interface KubernetesAddress {
  readonly host: string
  readonly port: number
  readonly caPem: string
  readonly callerToken: string
  readonly kubeletToken: string
}

/** Reads the first line of the API server's process. */
export function kubernetesAddress(line: LogLine): KubernetesAddress {
  return line as unknown as KubernetesAddress
}

/** Creates the temporary folder that stands for the file systems of the pods; it goes when this process does, however that ends. */
export async function createFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'meshid-demo-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The files of the Secret `linkerd-identity-issuer`, scheme `linkerd.io/tls`. */
export const issuerFiles = ({ certificatePem, keyPem }: KeyPair) => ({ 'crt.pem': certificatePem, 'key.pem': keyPem })

/** What the identity server's pod mounts: trust roots, the issuer Secret, and its own account. */
export interface ServerMounts {
  readonly trustRoots: string
  readonly issuer: KubernetesVolume
  readonly serviceAccount: string
}

/** Lays out the mounts of the identity server's pod. */
export async function mountServer(
  folder: string,
  options: { rootPem: string; issuer: KeyPair; kubernetes: KubernetesAddress },
): Promise<ServerMounts> {
  const { rootPem, issuer, kubernetes } = options
  const trustRoots = await createKubernetesVolume(join(folder, 'identity/trust-roots'), { 'ca-bundle.crt': rootPem })
  const issuerVolume = await createKubernetesVolume(join(folder, 'identity/issuer'), issuerFiles(issuer))
  const account = await createKubernetesVolume(join(folder, 'identity/serviceaccount'), {
    'ca.crt': kubernetes.caPem,
    token: kubernetes.callerToken,
    namespace: 'linkerd',
  })
  return { trustRoots: trustRoots.path, issuer: issuerVolume, serviceAccount: account.path }
}

/** What a proxy's pod mounts: an empty end-entity directory, and the projected token. */
export interface PodMounts {
  readonly endEntity: string
  readonly tokenFile: string
}

/** Lays out a pod's mounts as the kubelet does, its token asked of the API server and bound to the pod. */
export async function mountPod(folder: string, pod: Pod, kubernetes: KubernetesAddress): Promise<PodMounts> {
  const endEntity = join(folder, pod.name, 'end-entity')
  await mkdir(endEntity, { recursive: true, mode: 0o700 })
  const token = await createKubernetesVolume(join(folder, pod.name, 'tokens'), {
    'linkerd-identity-token': await requestToken(folder, pod, kubernetes),
  })
  return { endEntity, tokenFile: join(token.path, 'linkerd-identity-token') }
}

async function requestToken(folder: string, pod: Pod, kubernetes: KubernetesAddress): Promise<string> {
  const kubelet = join(folder, 'kubelet')
  await mkdir(kubelet, { recursive: true, mode: 0o700 })
  await writeFile(join(kubelet, 'ca.crt'), kubernetes.caPem)
  await writeFile(join(kubelet, 'token'), kubernetes.kubeletToken, { mode: 0o600 })
  using transport = createClusterTransport({
    host: kubernetes.host,
    port: kubernetes.port,
    caFile: join(kubelet, 'ca.crt'),
    tokenFile: join(kubelet, 'token'),
  })
  const { status, body } = await transport.request({
    method: 'POST',
    path: `/api/v1/namespaces/${pod.namespace}/serviceaccounts/${pod.serviceAccount}/token`,
    body: JSON.stringify({
      spec: {
        audiences: ['identity.l5d.io'],
        expirationSeconds: 86_400,
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: pod.name },
      },
    }),
  })
  if (status !== 201) throw new Error(`TokenRequest for ${pod.name}: expected status 201, found ${status}`)
  return (JSON.parse(body) as { status: { token: string } }).status.token
}
