import { constants, type Http2Session } from 'node:http2'
import type { Clock } from '@meshid/refresh'

/** The highest stream id: with it a GOAWAY says "soon", and turns nobody away. */
const MAX_STREAM_ID = 2 ** 31 - 1

/** How long a peer may take to hear that its connection ends; what it begins meanwhile is answered. In milliseconds. */
export const GOAWAY_NOTICE_MS = 1000

/**
 * Ends an HTTP/2 connection without losing a stream: says so first, and closes when the peer has heard it (the answer to a
 * ping that was sent behind), so that no stream crosses the last GOAWAY on its way. Streams that are open may finish.
 * @see RFC 9113 section 6.8
 */
export function drainSession(session: Http2Session, clock: Clock): void {
  if (session.destroyed || session.closed) return
  const close = (): void => {
    cancel()
    if (!session.destroyed && !session.closed) session.close()
  }
  const cancel = clock.setTimer(GOAWAY_NOTICE_MS, close)
  session.once('close', cancel)
  session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID)
  session.ping(close)
}
