import type { Validity } from './schedule.ts'

/** What happens inside a refresher. No event holds the value. */
export type RefreshEvent =
  /** A new value was adopted by the `attempt`-th try in a row. */
  | { readonly type: 'renewed'; readonly validity: Validity; readonly attempt: number }
  /**
   * The value that was adopted ends hardly later than the one before, by `gainMs`, which may be 0 or less: whoever issues
   * it is about to end, or gives the same again. The next renewal is spaced (see `spacedDelayMs`).
   */
  | { readonly type: 'not-extended'; readonly validity: Validity; readonly gainMs: number }
  /** The next renewal was set. */
  | { readonly type: 'scheduled'; readonly nextAttemptAt: Date }
  /** The `attempt`-th try in a row failed: a `RefreshError` (see its code) or whatever `renew` threw. */
  | { readonly type: 'failed'; readonly error: unknown; readonly attempt: number; readonly nextAttemptAt: Date }
  /** The value in use has expired and no renewal has succeeded; attempts go on. */
  | { readonly type: 'expired'; readonly expiredAt: Date }

/** Is told of every event, at once. What it throws or rejects with is dropped: it can never break the loop. */
export type RefreshObserver = (event: RefreshEvent) => void

/** Tells the observer, whatever it does. */
export function notify(observer: RefreshObserver | undefined, event: RefreshEvent): void {
  try {
    const answer: unknown = observer?.(Object.freeze(event))
    if (answer instanceof Promise) answer.catch(() => {})
  } catch {
    // An observer only looks on.
  }
}
