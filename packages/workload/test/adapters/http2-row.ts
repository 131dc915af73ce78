import { once } from 'node:events'
import { type ClientHttp2Session, connect, type Http2Session } from 'node:http2'
import { text } from 'node:stream/consumers'
import { connectMtlsHttp2, createMtlsHttp2Server, peerIdentity } from '@meshid/workload'
import { listening, portOf } from '../mtls-rig.ts'
import { type AdapterRow, seenCode } from './adapter-row.ts'

/** HTTP/2 of Node on both sides. */
export const http2Row: AdapterRow = {
  name: 'http2',
  alpnProtocols: ['h2'],
  async startServer(options) {
    const sessions = new Set<Http2Session>()
    const server = createMtlsHttp2Server(options)
    server.on('session', (session) => {
      sessions.add(session)
      session.once('close', () => sessions.delete(session))
    })
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 })
      stream.end(String(peerIdentity(stream).spiffeId))
    })
    await listening(server)
    const close = async (): Promise<void> => {
      for (const session of sessions) session.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
    return { port: portOf(server), server, close }
  },
  createClient(options) {
    let latest: Promise<ClientHttp2Session> | undefined
    const open = (): Promise<ClientHttp2Session> => {
      const opening = connectMtlsHttp2({ host: '127.0.0.1', ...options })
      const forget = (): void => void (latest === opening && (latest = undefined))
      opening.then((session) => {
        session.once('goaway', forget)
        session.once('close', forget)
        session.on('error', forget)
      }, forget)
      return opening
    }
    let resent = 0
    const ask = async (): Promise<string> => {
      latest ??= open()
      const session = await latest
      try {
        peerIdentity(session)
        return await question(session)
      } catch (error) {
        if (!isUnseen(error)) throw error
        resent += 1
        return ask()
      }
    }
    return {
      ask,
      get resent() {
        return resent
      },
      async close() {
        ;(await latest)?.destroy()
      },
    }
  },
  async askForeign(port, identity) {
    const session = connect(`https://127.0.0.1:${port}`, { ...identity, rejectUnauthorized: false })
    const failed = once(session, 'close').then(() => Promise.reject(new Error('an orderly end')))
    try {
      const broken = new Promise<never>((_resolve, reject) => {
        session.once('error', reject)
      })
      return await Promise.race([question(session), broken, failed])
    } catch (error) {
      return seenCode(error)
    } finally {
      session.destroy()
    }
  },
}

async function question(session: ClientHttp2Session): Promise<string> {
  const stream = session.request({ ':path': '/' })
  return text(stream)
}

/** The server has not seen the stream, so it may be sent again (RFC 9113 section 8.7). */
function isUnseen(error: unknown): boolean {
  return (
    error instanceof Error &&
    (seenCode(error) === 'ERR_HTTP2_GOAWAY_SESSION' || error.message.endsWith('NGHTTP2_REFUSED_STREAM'))
  )
}
