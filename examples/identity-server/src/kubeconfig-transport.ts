import { once } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import {
  type KubernetesRequest,
  type KubernetesResponse,
  MAX_RESPONSE_BYTES,
  TokenReviewError,
} from '@meshid/token-review'
import { type ClusterRequestReport, type ClusterTransport, MAX_CONNECTIONS } from '@meshid/token-review/node'
import type { Kubeconfig } from './kubeconfig.ts'

export interface KubeconfigTransportOptions {
  readonly timeoutMs: number
  readonly observer: (report: ClusterRequestReport) => void
}

/**
 * Makes a transport of a kubeconfig: its server, its CA, and its user's token, client certificate or exec plugin, which the
 * library looks up anew for each request. Connections are kept alive; redirects are not followed.
 */
export function createKubeconfigTransport(
  kubeconfig: Kubeconfig,
  { timeoutMs, observer }: KubeconfigTransportOptions,
): ClusterTransport {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS })
  return Object.freeze({
    async request(request: KubernetesRequest): Promise<KubernetesResponse> {
      const { method, path } = request
      const url = `${kubeconfig.server.origin}${pathBelow(kubeconfig.server, path)}`
      const begin = performance.now()
      const report = (status: number | undefined, error: unknown): void =>
        observer({ method, url, status, durationMs: performance.now() - begin, error })
      try {
        const response = await perform(kubeconfig, request, { agent, timeoutMs })
        report(response.status, undefined)
        return response
      } catch (error) {
        report(undefined, error)
        throw error
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  })
}

interface Connection {
  readonly agent: Agent
  readonly timeoutMs: number
}

async function perform(
  kubeconfig: Kubeconfig,
  request: KubernetesRequest,
  { agent, timeoutMs }: Connection,
): Promise<KubernetesResponse> {
  request.signal?.throwIfAborted()
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline])
  try {
    const options = await credentials(kubeconfig, { agent, signal })
    return await exchange(kubeconfig.server, request, { ...options, signal })
  } catch (cause) {
    request.signal?.throwIfAborted()
    if (deadline.aborted) throw timedOut(timeoutMs)
    if (cause instanceof TokenReviewError) throw cause
    const found = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a broken connection'
    const message = `API server: expected an answer, found ${found}`
    throw new TokenReviewError('TOKEN_REVIEW_UNREACHABLE', message, { detail: { expected: 'an answer', found }, cause })
  }
}

/** An exec plugin that hangs ends with the deadline; what it wrote to standard error is not passed on. */
async function credentials(
  { config, cluster }: Kubeconfig,
  { agent, signal }: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<RequestOptions> {
  const options: RequestOptions = {}
  const given = config.applyToHTTPSOptions(options).catch((cause: unknown) => {
    const message = 'kubeconfig: expected credentials of its user, found that they could not be had'
    throw new TokenReviewError('TOKEN_REVIEW_CREDENTIALS_UNREADABLE', message, {
      detail: { field: 'kubeconfig', expected: 'credentials', found: 'none' },
      cause,
    })
  })
  await Promise.race([given, rejectOn(signal)])
  // The library's own agent is for proxies; without one, connections are kept alive by ours.
  return cluster.proxyUrl === undefined ? { ...options, agent } : options
}

async function rejectOn(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}

async function exchange(
  server: URL,
  { method, path, body }: KubernetesRequest,
  options: RequestOptions,
): Promise<KubernetesResponse> {
  const request = httpsRequest({
    ...options,
    host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: server.port === '' ? 443 : Number(server.port),
    path: pathBelow(server, path),
    method,
    headers: {
      ...plainHeaders(options.headers),
      accept: 'application/json',
      'user-agent': 'meshid',
      ...bodyHeaders(body),
    },
    rejectUnauthorized: true,
  })
  request.on('error', () => {})
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body: await readBody(response) }
}

/** The library sets them by name; the list form is for those who repeat a name. */
function plainHeaders(headers: RequestOptions['headers']): OutgoingHttpHeaders {
  return headers === undefined || Array.isArray(headers) ? {} : (headers as OutgoingHttpHeaders)
}

function bodyHeaders(body: string | undefined): Readonly<Record<string, string | number>> {
  if (body === undefined) return {}
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
}

async function readBody(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > MAX_RESPONSE_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Some clusters live below a path of their server. */
function pathBelow({ pathname }: URL, path: string): string {
  return `${pathname.replace(/\/$/, '')}${path}`
}

function timedOut(limit: number): TokenReviewError {
  const expected = `an answer within ${limit} ms`
  return new TokenReviewError('TOKEN_REVIEW_TIMEOUT', `API server: expected ${expected}, found none`, {
    detail: { expected, found: 'none', limit },
  })
}

function tooLarge(): TokenReviewError {
  const limit = MAX_RESPONSE_BYTES
  const expected = `at most ${limit} bytes`
  return new TokenReviewError('TOKEN_REVIEW_RESPONSE_INVALID', `API server: expected ${expected}, found more`, {
    detail: { expected, found: 'more', limit },
  })
}
