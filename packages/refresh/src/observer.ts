import type { Validity } from './schedule.ts'

/** What happens inside a refresher. No event holds the value. */
export type RefreshEvent =
  /** A new value was adopted by the `attempt`-th try in a row. */
  | { readonly type: 'renewed'; readonly validity: Validity; readonly attempt: number }
  /** The schedule set the next renewal. */
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
