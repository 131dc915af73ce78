import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type Server as HttpServer,
} from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Profile, spiffeProfile } from '@meshid/identity'
import { linkerdName, type LinkerdName, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import {
  createKubernetesVolume,
  createTestCa,
  type KubernetesApi,
  startKubernetesApi,
  type TestCa,
} from '@meshid/testkit'
import { type IdentityService, startIdentityService } from './identity-service.ts'

export const trustDomain = parseTrustDomain('cluster.local')
/** The name of an account in profile linkerd. */
export const linkerdNameOf = (account: string, namespace = 'emojivoto'): LinkerdName =>
  linkerdName({ serviceAccount: serviceAccount(namespace, account), controlNamespace: 'linkerd', trustDomain })
export const idOf = (account: string): string => `spiffe://cluster.local/ns/emojivoto/sa/${account}`

/** What a pod of an account mounts, and what its proxy is told. */
export interface Pod {
  readonly directory: string
  readonly tokenFile: string
  readonly token: string
  /** The environment of its proxy, with every listener on a free port. */
  readonly env: Readonly<Record<string, string>>
}

/** A cluster with a CA and an identity service, on this machine. */
export interface World extends AsyncDisposable {
  readonly ca: TestCa
  readonly api: KubernetesApi
  readonly identityPort: number
  startService(): Promise<void>
  stopService(): void
  /** Lets the identity service issue by another CA, now or when it starts. */
  useCa(ca: TestCa): void
  /** A new pod of an account; each has its own folder. */
  pod(account: string, localName?: string): Promise<Pod>
}

/** Lays the world out; its identity service does not run yet. */
export async function createWorld(
  profile: Profile = spiffeProfile({ trustDomain }),
  { lifetimeMs }: { readonly lifetimeMs?: number } = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-proxy-client-'))
  const api = await startKubernetesApi()
  const ca = await createTestCa({ now: new Date(), ...(lifetimeMs === undefined ? {} : { lifetimeMs }) })
  const [caFile, tokenFile] = [join(folder, 'ca.crt'), join(folder, 'token')]
  await writeFile(caFile, api.caPem)
  await writeFile(tokenFile, api.callerToken)
  const identityPort = await freePort()
  const options = { ca, profile, api: { host: api.host, port: api.port, caFile, tokenFile }, port: identityPort }
  let service: IdentityService | undefined
  let pods = 0
  return {
    ca,
    api,
    identityPort,
    startService: async () => void (service = await startIdentityService(options)),
    stopService: () => service?.stop(),
    useCa(other) {
      options.ca = other
      service?.useCa(other)
    },
    pod(account, localName = idOf(account)) {
      const home = join(folder, `pod-${(pods += 1)}`)
      return createPod({ account, localName, home, ca, api, identityPort })
    },
    async [Symbol.asyncDispose]() {
      service?.stop()
      await api.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function createPod(options: {
  readonly account: string
  readonly localName: string
  readonly home: string
  readonly ca: TestCa
  readonly api: KubernetesApi
  readonly identityPort: number
}): Promise<Pod> {
  const { account, localName, home, ca, api, identityPort } = options
  const name = { namespace: 'emojivoto', name: account }
  api.createServiceAccount(name)
  const directory = join(home, 'end-entity')
  await mkdir(directory, { recursive: true })
  const token = await api.createToken(name)
  await createKubernetesVolume(join(home, 'tokens'), { 'linkerd-identity-token': token })
  const tokenFile = join(home, 'tokens', 'linkerd-identity-token')
  const env = {
    LINKERD2_PROXY_IDENTITY_DIR: directory,
    LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: ca.rootPem,
    LINKERD2_PROXY_IDENTITY_TOKEN_FILE: tokenFile,
    LINKERD2_PROXY_IDENTITY_LOCAL_NAME: localName,
    LINKERD2_PROXY_IDENTITY_SVC_ADDR: `127.0.0.1:${identityPort}`,
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '127.0.0.1:0',
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '127.0.0.1:0',
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: '127.0.0.1:0',
  }
  return { directory, tokenFile, token, env }
}

/** What makes a pod's proxy end mTLS in front of an app. */
export const inboundTo = (appPort: number, allow: string): Record<string, string> => ({
  MESHID_INBOUND_APP_ADDR: `127.0.0.1:${appPort}`,
  MESHID_INBOUND_ALLOW: allow,
})

/** What makes a pod's proxy begin mTLS towards a peer. */
export const outboundTo = (peerPort: number, peerId: string): Record<string, string> => ({
  MESHID_OUTBOUND_PEER_ADDR: `127.0.0.1:${peerPort}`,
  MESHID_OUTBOUND_PEER_ID: peerId,
})

export const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port

/** A TCP port of this machine that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** An HTTP app on a free port. */
export async function startApp(listener: RequestListener): Promise<HttpServer> {
  const app = createHttpServer(listener).listen(0, '127.0.0.1')
  await once(app, 'listening')
  return app
}

/** One request on a connection of its own; rejects with what the connection says when it breaks. */
export async function get(port: number, path = '/'): Promise<string> {
  const sent = request({ host: '127.0.0.1', port, path, agent: false }).end()
  sent.on('error', () => {}) // Told by `once` or by the response, whichever waits for it.
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return text(response)
}
