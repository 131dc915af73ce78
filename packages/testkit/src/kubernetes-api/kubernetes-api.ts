import { randomUUID } from 'node:crypto'
import { type Authorizer, createAuthorizer } from './authorizer.ts'
import { type Cluster, createCluster, type ObjectName } from './cluster.ts'
import { createFaultQueue, type Faults } from './faults.ts'
import { createReviewTurns, type ReviewLimit } from './review-limit.ts'
import type { ApiEndpoint } from './router.ts'
import { listen } from './server.ts'
import { DEFAULT_EXPIRATION_SECONDS } from './token-request.ts'
import { createTokenSigner, type TokenAlgorithm } from './tokens.ts'
import type { KubernetesWorld } from './world.ts'

/** Options of {@link startKubernetesApi}. */
export interface KubernetesApiOptions {
  /** A loopback address; default `127.0.0.1`. */
  readonly host?: '127.0.0.1' | '::1'
  /** Default: one that is free. */
  readonly port?: number
  /** Default: the real time. */
  readonly clock?: { now(): Date }
  /** The account of {@link KubernetesApi.callerToken}; default `linkerd-identity` in `linkerd`. */
  readonly caller?: ObjectName
  /** The least life that a TokenRequest may ask for, in seconds; default 600, as in Kubernetes. */
  readonly minExpirationSeconds?: number
  /** False stands for an old webhook authenticator, which leaves `status.audiences` empty; default true. */
  readonly knowsAudiences?: boolean
  /** What tokens are signed with; default `ES256`. */
  readonly tokenAlgorithm?: TokenAlgorithm
  /** Real time by which every answer is delayed; default 0. */
  readonly latencyMs?: number
  /** Real time that each token review takes; default 0. */
  readonly reviewDelayMs?: number
  /** How many token reviews the server does; default any number. */
  readonly reviewLimit?: ReviewLimit
}

/** Which token {@link KubernetesApi.createToken} makes. */
export interface NewToken extends ObjectName {
  /** Default `['identity.l5d.io']`. */
  readonly audiences?: readonly string[]
  /** Default 3600; any number, so that a token can be made that is already old. */
  readonly expirationSeconds?: number
  /** The pod to bind it to; default none. */
  readonly podName?: string
}

/** A running stand-in for a Kubernetes API server: real HTTPS, real tokens, and a cluster that exists only here. */
export interface KubernetesApi extends Cluster, Authorizer, Faults, AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly baseUrl: string
  /** The CA of its serving certificate, as it is now. */
  readonly caPem: string
  /** Belongs to the caller's account, which may create token reviews and events; it holds for ten years. */
  readonly callerToken: string
  /** Belongs to a node, which may request tokens for its pods. */
  readonly kubeletToken: string
  /** Every event that was created, oldest first. */
  readonly events: readonly object[]
  /** Makes a token without asking over the wire. */
  createToken(token: NewToken): Promise<string>
  /** How many requests have come for an endpoint, or in all, whatever became of them. */
  requestCount(endpoint?: ApiEndpoint): number
  /** Requests that have no whole answer yet. */
  readonly pendingRequests: number
  /** Sockets that are open. */
  readonly openConnections: number
  /** Signs tokens with a new key from now on, and publishes it; the old keys are kept beside it, or forgotten. */
  rotateTokenKey(options: { readonly keepOld: boolean }): Promise<void>
  /** Presents a certificate of a new CA from now on, and cuts what is connected; `caPem` is the new one. */
  rotateServingCertificate(): Promise<void>
  /** Is gone until {@link comeUp}: nobody listens on the port. */
  goDown(): Promise<void>
  /** Listens again, on the same port, with everything that it knew. */
  comeUp(): Promise<void>
  close(): Promise<void>
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const KUBELET = 'system:node:node-1'
const TEN_YEARS_SECONDS = 315_360_000

/** Starts an API server that really signs, verifies and forgets service account tokens; everything else about a cluster is left out. */
export async function startKubernetesApi(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
  const { host = '127.0.0.1', port = 0, caller = { namespace: 'linkerd', name: 'linkerd-identity' } } = options
  const kubeletToken = randomUUID()
  const world = await createWorld(options, kubeletToken)
  const { faults, next: nextFault } = createFaultQueue(options.latencyMs ?? 0)
  const reviewTurn = createReviewTurns(options.reviewDelayMs ?? 0, options.reviewLimit)
  const server = await listen(world, { host, port, nextFault, reviewTurn })
  const callerToken = await admitCallers(world, caller)
  return {
    ...world.cluster,
    ...world.authorizer,
    ...faults,
    host,
    port: server.port,
    baseUrl: `https://${host === '::1' ? '[::1]' : host}:${server.port}`,
    get caPem() {
      return server.caPem
    },
    get pendingRequests() {
      return server.pending
    },
    get openConnections() {
      return server.connections
    },
    callerToken,
    kubeletToken,
    events: world.events,
    createToken: (token) => createToken(world, token),
    requestCount: (endpoint) =>
      endpoint === undefined ? sum(server.counts.values()) : (server.counts.get(endpoint) ?? 0),
    rotateTokenKey: (rotation) => world.signer.rotate(rotation),
    rotateServingCertificate: server.rotateCertificate,
    goDown: server.close,
    comeUp: server.reopen,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  }
}

/** Gives the caller and the kubelet their rights, and the caller a token. */
function admitCallers(world: KubernetesWorld, caller: ObjectName): Promise<string> {
  const { cluster, authorizer, audiences } = world
  cluster.createServiceAccount(caller)
  const username = `system:serviceaccount:${caller.namespace}:${caller.name}`
  authorizer.grant(username, 'tokenreviews')
  authorizer.grant(username, 'events')
  authorizer.grant(KUBELET, 'serviceaccounts/token')
  return createToken(world, { ...caller, audiences, expirationSeconds: TEN_YEARS_SECONDS })
}

async function createWorld(options: KubernetesApiOptions, kubeletToken: string): Promise<KubernetesWorld> {
  const { clock = { now: () => new Date() }, minExpirationSeconds = 600, knowsAudiences = true } = options
  return {
    cluster: createCluster(),
    signer: await createTokenSigner(ISSUER, options.tokenAlgorithm),
    authorizer: createAuthorizer(),
    clock,
    audiences: [ISSUER],
    knowsAudiences,
    minExpirationSeconds,
    staticTokens: new Map([[kubeletToken, KUBELET]]),
    events: [],
  }
}

async function createToken({ cluster, clock, signer }: KubernetesWorld, options: NewToken): Promise<string> {
  const { namespace, name, podName, audiences = ['identity.l5d.io'] } = options
  const serviceAccount = cluster.serviceAccount({ namespace, name })
  if (serviceAccount === undefined)
    throw new RangeError(`createToken: expected the service account ${namespace}/${name} to exist`)
  const pod = podName === undefined ? undefined : cluster.pod({ namespace, name: podName })
  if (podName !== undefined && pod === undefined)
    throw new RangeError(`createToken: expected the pod ${podName} to exist`)
  const expirationSeconds = options.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS
  const { token } = await signer.sign({ serviceAccount, audiences, expirationSeconds, pod }, clock.now())
  return token
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
