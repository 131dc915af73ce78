import { constants, type Http2Session } from 'node:http2'
import type { Clock } from '@meshid/refresh'

/** The highest stream id: with it a GOAWAY says "soon", and turns nobody away. */
const MAX_STREAM_ID = 2 ** 31 - 1

/**
 * How long a connection that shall end may be without a new stream until it is closed as idle, and how long a peer may take
 * to hear of the end, in milliseconds.
 */
export const GOAWAY_NOTICE_MS = 1000

/** Brings one HTTP/2 connection to its end. */
export interface Http2Drain {
  /** From now on the connection shall end; once at most. */
  begin(): void
  /** Must be asked for each new stream; hands it on, at once or when the peer has heard of the end. */
  admit(session: Http2Session | undefined, deliver: () => void): void
}

/** What {@link createHttp2Drain} needs. */
export interface Http2DrainOptions {
  readonly clock: Clock
  /** Closes the session: streams that are open may finish. */
  readonly close: () => void
}

/**
 * Creates the drain of a connection, by which no stream is lost that the peer sends while it has not heard of the end: the
 * first GOAWAY turns nobody away, and the last one comes when pings have shown that it was heard (RFC 9113 section 6.8).
 *
 * nghttp2 below Node reads nothing more after a GOAWAY while no stream is open. So the drain waits for the next stream and
 * keeps that one from its handler for the two round trips. A connection without a new stream for a second is closed; what
 * crosses that GOAWAY is refused with REFUSED_STREAM, which says that it may be sent again.
 */
export function createHttp2Drain({ clock, close }: Http2DrainOptions): Http2Drain {
  let stage: 'open' | 'waiting' | 'closing' = 'open'
  let cancelIdle = (): void => {}
  return {
    begin() {
      stage = 'waiting'
      cancelIdle = clock.setTimer(GOAWAY_NOTICE_MS, () => {
        stage = 'closing'
        close()
      })
    },
    admit(session, deliver) {
      if (stage !== 'waiting' || session === undefined) return deliver()
      stage = 'closing'
      cancelIdle()
      giveNotice(session, clock, () => {
        close()
        deliver()
      })
    },
  }
}

/** Says that the connection will end, and calls back when the peer has heard it or had time to. */
function giveNotice(session: Http2Session, clock: Clock, done: () => void): void {
  const heard = (): void => {
    cancel()
    session.removeListener('close', heard)
    done()
  }
  const cancel = clock.setTimer(GOAWAY_NOTICE_MS, heard)
  session.once('close', heard)
  session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID)
  // What the peer had queued follows its first answer, so there is a second question.
  session.ping(() => session.destroyed || session.ping(heard))
}
