import { setTimeout as delay } from 'node:timers/promises'

/** How many token reviews the API server is willing to do. */
export interface ReviewLimit {
  readonly perSecond: number
  /** Reviews that may come at once after a quiet while; default 1. */
  readonly burst?: number
  /** What becomes of more: `'refuse'` answers 429 with `Retry-After: 1`, `'delay'`, the default, answers each when its turn comes. */
  readonly excess?: 'refuse' | 'delay'
}

/**
 * The limit in action: says whether a review that came now is done, after waiting as long as it must. Who is gone before its turn
 * gives it back, or a server would spend itself on those that wait no longer.
 */
export type ReviewTurn = (gone?: AbortSignal) => Promise<'done' | 'refused' | 'gone'>

/** Makes the turns of a server whose reviews each take `delayMs`, by the real clock. */
export function createReviewTurns(delayMs: number, limit: ReviewLimit | undefined): ReviewTurn {
  const intervalMs = limit === undefined ? 0 : 1000 / limit.perSecond
  const toleranceMs = intervalMs * ((limit?.burst ?? 1) - 1)
  let nextMs = 0
  return async (gone) => {
    const now = performance.now()
    const due = Math.max(nextMs, now)
    const waitMs = Math.max(0, due - toleranceMs - now)
    if (waitMs > 0 && limit?.excess === 'refuse') return 'refused'
    nextMs = due + intervalMs
    if (waitMs + delayMs === 0) return 'done'
    const done = await delay(waitMs + delayMs, true, gone === undefined ? {} : { signal: gone }).catch(() => false)
    if (done) return 'done'
    nextMs -= intervalMs
    return 'gone'
  }
}
