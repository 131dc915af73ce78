import { constants, type Http2Session } from 'node:http2'
import { sendPing } from './watch-session.ts'

/** The highest stream id: with it a GOAWAY says "soon", and turns nobody away. */
const MAX_STREAM_ID = 2 ** 31 - 1

/** How long a client may take to hear that the connection ends; calls that it begins meanwhile are answered. */
export const GOAWAY_NOTICE_MS = 1000

/**
 * Ends a connection without losing a call: says so first, and closes when the client has heard it (the answer to a ping
 * that was sent behind), so that no call crosses the last GOAWAY on its way. Calls in flight may finish.
 *
 * @see RFC 9113 section 6.8
 */
export function drainSession(session: Http2Session): void {
  if (session.destroyed || session.closed) return
  const close = (): void => {
    clearTimeout(notice)
    if (!session.destroyed && !session.closed) session.close()
  }
  const notice = setTimeout(close, GOAWAY_NOTICE_MS)
  session.once('close', () => clearTimeout(notice))
  session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID)
  sendPing(session, close)
}
