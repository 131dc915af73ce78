import { once } from 'node:events'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Agent, request as httpsRequest } from 'node:https'
import type { KubernetesResponse } from '../kubernetes-transport.ts'
import { tooLarge } from '../review-call.ts'

/** One HTTPS request, with nothing left to decide. */
export interface Exchange {
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** PEM; sockets are pooled by it, so a new CA never rides on an old connection. */
  readonly ca: string
  readonly agent: Agent
  readonly maxResponseBytes: number
  readonly signal: AbortSignal
}

/**
 * Sends one request and reads one answer, whole; a redirect is an answer like any other.
 *
 * A kept-alive connection that the server closed while it was idle breaks before any answer: that request alone is sent
 * once more, on a fresh connection. Reviews store nothing, so asking twice is harmless.
 */
export async function exchange(options: Exchange): Promise<KubernetesResponse> {
  const response = await respond(options)
  return {
    status: response.statusCode ?? 0,
    headers: plainHeaders(response.headers),
    body: await readBody(response, options.maxResponseBytes),
  }
}

async function respond(options: Exchange): Promise<IncomingMessage> {
  const request = send(options, options.agent)
  try {
    return await responseOf(request)
  } catch (error) {
    if (!request.reusedSocket || !isReset(error)) throw error
    return await responseOf(send(options, false))
  }
}

function send({ host, port, method, path, headers, body, ca, signal }: Exchange, agent: Agent | false): ClientRequest {
  // Said aloud, so that no environment variable can turn the check of the certificate off.
  const request = httpsRequest({ host, port, method, path, headers, ca, signal, agent, rejectUnauthorized: true })
  // A socket may fail again after the answer has begun; the body's own error already tells it.
  request.on('error', () => {})
  request.end(body)
  return request
}

async function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

async function readBody(response: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
