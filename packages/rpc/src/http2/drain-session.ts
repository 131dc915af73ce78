import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { sendPing } from './watch-session.ts'

/** The highest stream id: with it a GOAWAY says "soon", and turns nobody away. */
const MAX_STREAM_ID = 2 ** 31 - 1

/**
 * How long a connection that shall end may be without a new call until it is closed, and how long a client may take to hear of
 * the end.
 */
export const GOAWAY_NOTICE_MS = 1000

/**
 * Brings one connection to its end without losing a call that the client sends while it has not heard of it: the first GOAWAY
 * turns nobody away, and the last one comes when pings have shown that the first was heard. Calls in flight may finish.
 *
 * nghttp2 below Node reads nothing more after a GOAWAY while no stream is open. So the drain waits for the next call, and keeps
 * that one from its handler for the two round trips. What crosses the GOAWAY of a connection without a new call is refused with
 * REFUSED_STREAM, which says that it may be sent again.
 *
 * @see RFC 9113 section 6.8
 */
export class SessionDrain {
  readonly #session: ServerHttp2Session
  #stage: 'open' | 'waiting' | 'closing' = 'open'
  #timer: NodeJS.Timeout | undefined

  constructor(session: ServerHttp2Session) {
    this.#session = session
    session.once('close', () => clearTimeout(this.#timer))
  }

  /** From now on the connection shall end. */
  begin(): void {
    if (this.#session.destroyed || this.#stage !== 'open') return
    this.#stage = 'waiting'
    this.#timer = setTimeout(() => this.#close(), GOAWAY_NOTICE_MS)
  }

  /** Whether a new stream may go to its handler at once; one that may not is to be kept. */
  get admits(): boolean {
    return this.#stage !== 'waiting'
  }

  /** Keeps a stream, and hands it on when the client has heard of the end. */
  keep(stream: ServerHttp2Stream, deliver: () => void): void {
    this.#stage = 'closing'
    clearTimeout(this.#timer)
    stream.on('error', () => undefined) // whoever gets it sees that it has ended
    this.#giveNotice(() => {
      this.#close()
      deliver()
    })
  }

  #giveNotice(heard: () => void): void {
    const session = this.#session
    const done = (): void => {
      clearTimeout(this.#timer)
      session.removeListener('close', done)
      heard()
    }
    this.#timer = setTimeout(done, GOAWAY_NOTICE_MS)
    session.once('close', done)
    session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID)
    // What the client had sent before it heard comes before its second answer.
    sendPing(session, () => sendPing(session, done))
  }

  #close(): void {
    this.#stage = 'closing'
    if (!this.#session.destroyed && !this.#session.closed) this.#session.close()
  }
}
