import { RpcError } from '@meshid/rpc'

/** How long requests may begin before sockets and timers get their turn: some 20 CSRs. */
export const SLICE_MS = 5

/** How many requests may wait to begin: twice a mesh of 10,000 pods that starts anew. */
export const MAX_WAITING_REQUESTS = 20_000

/** When a request that found too many others is told to come back. */
export const WAITING_RETRY_AFTER_MS = 2000

/** Options of {@link beginInSlices}. */
export interface SliceOptions {
  /** A clock that never goes back. */
  readonly monotonicMs: () => number
  /** Default {@link SLICE_MS}. */
  readonly sliceMs?: number
  /** Default {@link MAX_WAITING_REQUESTS}. */
  readonly maxWaiting?: number
}

/** Begins work at once, or when its turn comes; how it goes on from its first `await` is nobody's business here. */
export type Begin = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Lets work begin, first come, first served, for `sliceMs` in each turn of the event loop; what is left waits for the next one.
 *
 * What a request does before it first waits is mostly the check of its CSR's signature. When thousands come in one turn of the
 * loop, they would all do that before any token review could be sent, read or answered, and all their callers would have given up
 * by then. A server that is not loaded begins everything at once.
 *
 * More than `maxWaiting` are refused with RESOURCE_EXHAUSTED and a time to come back.
 */
export function beginInSlices({
  monotonicMs,
  sliceMs = SLICE_MS,
  maxWaiting = MAX_WAITING_REQUESTS,
}: SliceOptions): Begin {
  const waiting = new Set<() => void>()
  let usedMs = 0
  let turnIsComing = false

  const measured = <T>(work: () => T): T => {
    const begun = monotonicMs()
    try {
      return work()
    } finally {
      usedMs += monotonicMs() - begun
      if (!turnIsComing) setImmediate(turn)
      turnIsComing = true
    }
  }
  const turn = (): void => {
    turnIsComing = false
    usedMs = 0
    for (const begin of waiting) {
      if (usedMs >= sliceMs) return
      waiting.delete(begin)
      measured(begin)
    }
  }
  return (work) => {
    if (waiting.size === 0 && usedMs < sliceMs) return measured(work)
    if (waiting.size >= maxWaiting) return Promise.reject(tooMany(maxWaiting))
    return new Promise((resolve, reject) => {
      waiting.add(() => void work().then(resolve, reject))
    })
  }
}

function tooMany(maxWaiting: number): RpcError {
  const message = `expected at most ${maxWaiting} requests to wait to begin, found more`
  return new RpcError('RESOURCE_EXHAUSTED', message, { retryAfterMs: WAITING_RETRY_AFTER_MS })
}
