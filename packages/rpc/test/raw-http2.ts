import http2 from 'node:http2'
import { identityServiceDefinition } from '@meshid/rpc'
import type { RunningServer } from './identity-server.ts'

/** What an answer was made of. */
export interface RawAnswer {
  readonly head: Record<string, unknown>
  readonly body: Buffer
  /** The code of the RST_STREAM, 0 for none. */
  readonly rstCode: number
}

/** A connection that anything may be put on. */
export function openRaw(running: RunningServer): http2.ClientHttp2Session {
  const session = http2.connect(`http://${running.address}`)
  session.on('error', () => undefined)
  return session
}

/** One exchange on it, by default of Certify. */
export async function exchangeOn(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body: Buffer,
): Promise<RawAnswer> {
  const stream = beginOn(session, headers)
  const head: Record<string, unknown> = {}
  for (const event of ['response', 'trailers']) stream.on(event, (received: object) => Object.assign(head, received))
  stream.end(body)
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => void stream.once('close', resolve))
  return { head, body: Buffer.concat(chunks), rstCode: stream.rstCode }
}

/** Begins one. */
export function beginOn(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = {},
): http2.ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': identityServiceDefinition.certify.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => undefined)
  return stream
}

/** A message as it goes over the wire. */
export function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0])
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** The code of the GOAWAY that ends a connection; undefined when there was none. */
export async function goawayOf(session: http2.ClientHttp2Session): Promise<number | undefined> {
  let code: number | undefined
  session.once('goaway', (received: number) => (code = received))
  if (!session.destroyed) await new Promise((resolve) => void session.once('close', resolve))
  return code
}
