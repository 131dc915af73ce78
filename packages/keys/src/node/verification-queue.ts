import { queueFull, type Verification, verifyHere } from './verification.ts'
import { VerifierThread } from './verifier-thread.ts'

/** Signatures of one batch at most: some two milliseconds of a thread. */
const MAX_BATCH = 16

/** Signatures that the event loop verifies itself between two looks at what else it has to do. */
const OWN_SHARE = 4

/** What a queue is made of. */
export interface QueueOptions {
  readonly threads: number
  readonly maxWaiting: number
  readonly entry: URL
  readonly onLost: (reason: Error) => void
}

/** Deals signatures out to threads, first come, first served; what they have no room for is verified here. */
export class VerificationQueue {
  readonly #waiting = new Set<Verification>()
  readonly #threads: readonly VerifierThread[]
  readonly #maxWaiting: number
  #isAwake = false

  constructor({ threads, maxWaiting, entry, onLost }: QueueOptions) {
    this.#maxWaiting = maxWaiting
    this.#threads = Array.from({ length: threads }).flatMap(() => {
      try {
        return [new VerifierThread(entry, onLost)]
      } catch (error) {
        onLost(error instanceof Error ? error : new Error(String(error)))
        return []
      }
    })
  }

  get running(): number {
    return this.#threads.reduce((sum, { running }) => sum + running, 0)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** @throws KeysError `KEYS_QUEUE_FULL` */
  add(verification: Verification): void {
    if (this.#waiting.size >= this.#maxWaiting) throw queueFull(this.#maxWaiting)
    this.#waiting.add(verification)
    this.#wake()
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  /** Deals out once all that this turn of the event loop brings is here, so that it goes in one batch. */
  #wake(): void {
    if (this.#isAwake || this.#waiting.size === 0) return
    this.#isAwake = true
    setImmediate(() => {
      this.#isAwake = false
      this.#deal()
      this.#wake()
    })
  }

  #deal(): void {
    // The event loop counts as one of those that share.
    const share = Math.min(MAX_BATCH, Math.ceil(this.#waiting.size / (this.#threads.length + 1)))
    for (const thread of this.#threads) {
      if (thread.hasRoom && this.#waiting.size > 0) thread.verify(this.#take(share))
    }
    for (const verification of this.#take(OWN_SHARE)) verifyHere(verification)
  }

  #take(count: number): readonly Verification[] {
    const taken: Verification[] = []
    for (const verification of this.#waiting) {
      if (taken.length === count) break
      taken.push(verification)
      this.#waiting.delete(verification)
    }
    return taken
  }
}
