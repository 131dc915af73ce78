import { Agent } from 'node:https'
import { TokenReviewError } from '../errors.ts'
import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from '../kubernetes-transport.ts'
import { MAX_RESPONSE_BYTES } from '../review-call.ts'
import { readClusterCredentials } from './cluster-credentials.ts'
import { exchange } from './exchange.ts'

/** How long a request may take in all, waiting for a free connection included: well under the patience of a starting pod. */
export const DEFAULT_TIMEOUT_MS = 10_000

/** How many connections to the API server are open at once; further requests wait for a free one. */
export const MAX_CONNECTIONS = 64

/** One request that has ended, told to the observer; it holds no header and no body. */
export interface ClusterRequestReport {
  readonly method: string
  readonly url: string
  /** Absent when no whole answer came. */
  readonly status: number | undefined
  readonly durationMs: number
  /** Why no answer came; absent when one did. */
  readonly error: unknown
}

/** Options of {@link createClusterTransport}. */
export interface ClusterTransportOptions {
  /** Name or address, an IPv6 address without brackets; the server's certificate must name it. */
  readonly host: string
  readonly port: number
  /** PEM file of the CAs that the server's certificate may come from; no other CA is trusted. */
  readonly caFile: string
  /** The token of this process. Both files are read again for each request. */
  readonly tokenFile: string
  /** Default {@link DEFAULT_TIMEOUT_MS}. */
  readonly timeoutMs?: number
  /** Default {@link MAX_RESPONSE_BYTES}. */
  readonly maxResponseBytes?: number
  /** Called once for each request that has ended, well or not; it must not throw. */
  readonly observer?: (report: ClusterRequestReport) => void
}

/** A transport that holds connections open; disposing of it closes them. */
export interface ClusterTransport extends KubernetesTransport, Disposable {}

/**
 * Makes the transport of a process in a pod: HTTPS with the cluster's CA and the pod's token, connections kept alive.
 *
 * Trust: the server is authenticated by its certificate and `caFile`; redirects are not followed, so the token goes to no
 * other server. Its requests reject with TOKEN_REVIEW_UNREACHABLE, TOKEN_REVIEW_TIMEOUT, TOKEN_REVIEW_CREDENTIALS_UNREADABLE
 * or TOKEN_REVIEW_RESPONSE_INVALID (too large), and with `signal.reason` untouched when the caller gave up.
 *
 * @throws RangeError when `port`, `timeoutMs` or `maxResponseBytes` is out of range
 * @see Kubernetes "Accessing the API from a Pod"
 */
export function createClusterTransport(options: ClusterTransportOptions): ClusterTransport {
  const settings = { timeoutMs: DEFAULT_TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES, ...options }
  checkRange('port', settings.port, 65_535)
  checkRange('timeoutMs', settings.timeoutMs, 2 ** 31 - 1)
  checkRange('maxResponseBytes', settings.maxResponseBytes, Number.MAX_SAFE_INTEGER)
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS })
  return Object.freeze({
    request: (request: KubernetesRequest) => observe(request, settings, () => perform(request, settings, agent)),
    [Symbol.dispose]: () => agent.destroy(),
  })
}

type Settings = ClusterTransportOptions & { readonly timeoutMs: number; readonly maxResponseBytes: number }

async function perform(request: KubernetesRequest, settings: Settings, agent: Agent): Promise<KubernetesResponse> {
  const { method, path, body, signal } = request
  const { host, port, timeoutMs, maxResponseBytes } = settings
  signal?.throwIfAborted()
  // Not AbortSignal.timeout: Node keeps that one, and what hangs on it, until the time has come.
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  try {
    const { ca, token } = await readClusterCredentials(settings)
    return await exchange({
      host,
      port,
      method,
      path,
      body,
      ca,
      agent,
      maxResponseBytes,
      headers: headersOf(token, body),
      signal: signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    if (deadline.signal.aborted) throw timedOut(timeoutMs)
    if (cause instanceof TokenReviewError) throw cause
    throw unreachable(cause)
  } finally {
    clearTimeout(timer)
  }
}

function headersOf(token: string, body: string | undefined): Readonly<Record<string, string>> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'meshid' }
  if (body === undefined) return headers
  return { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
}

async function observe(
  { method, path }: KubernetesRequest,
  { host, port, observer }: Settings,
  run: () => Promise<KubernetesResponse>,
): Promise<KubernetesResponse> {
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  const begin = performance.now()
  const report = (status: number | undefined, error: unknown): void =>
    observer?.(Object.freeze({ method, url, status, durationMs: performance.now() - begin, error }))
  try {
    const response = await run()
    report(response.status, undefined)
    return response
  } catch (error) {
    report(undefined, error)
    throw error
  }
}

function checkRange(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name}: expected an integer from 1 to ${max}, found ${value}`)
  }
}

function timedOut(limit: number): TokenReviewError {
  return new TokenReviewError('TOKEN_REVIEW_TIMEOUT', `API server: expected an answer within ${limit} ms, found none`, {
    detail: { expected: `an answer within ${limit} ms`, found: 'none', limit },
  })
}

function unreachable(cause: unknown): TokenReviewError {
  const found = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a broken connection'
  return new TokenReviewError('TOKEN_REVIEW_UNREACHABLE', `API server: expected an answer, found ${found}`, {
    detail: { expected: 'an answer', found },
    cause,
  })
}
