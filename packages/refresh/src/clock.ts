/** The time and the timers that a refresher lives by; a test gives its own. */
export interface Clock {
  /** The wall clock. It may jump in both directions. */
  now(): Date
  /**
   * Calls `callback` once, never before this call returns, after about `delayMs` of the timers' own time.
   * Returns a function that cancels it. A refresher never asks for more than 60 s at a time.
   */
  setTimer(delayMs: number, callback: () => void): () => void
}
