import { Worker } from 'node:worker_threads'
import { signatureAlgorithms } from '../signature-algorithm.ts'
import { judged } from './openssl.ts'
import { answers, packBatch } from './signature-batch.ts'
import { type Verification, verifyHere } from './verification.ts'

/** What is under way and what comes next, so that a thread never waits for the event loop. */
const MAX_BATCHES = 2

/** A thread that verifies batches, in the order in which they come. */
export class VerifierThread {
  readonly #worker: Worker
  readonly #sent: (readonly Verification[])[] = []
  #hasEnded = false

  /**
   * Starts the thread; it never keeps the process alive but while it has something to do.
   *
   * @param onLost called when it ends by itself, which it does at once when its module cannot be loaded
   * @throws Error `ERR_ACCESS_DENIED` where Node's permissions allow no threads; `onLost` is not called then
   */
  constructor(entry: URL, onLost: (reason: Error) => void) {
    this.#worker = new Worker(entry, { name: 'meshid verifier' })
    this.#worker.unref()
    let reason: Error | undefined
    this.#worker.on('message', (given: Uint8Array) => this.#answer(given))
    this.#worker.once('error', (error) => (reason = error))
    this.#worker.once('exit', (status) => {
      const isLost = !this.#hasEnded
      this.#hasEnded = true
      for (const verification of this.#sent.splice(0).flat()) verifyHere(verification)
      if (isLost) onLost(reason ?? new Error(`expected a thread that stays, found exit status ${status}`))
    })
  }

  /** Whether it takes another batch. */
  get hasRoom(): boolean {
    return !this.#hasEnded && this.#sent.length < MAX_BATCHES
  }

  /** Signatures that it has. */
  get running(): number {
    return this.#sent.reduce((sum, { length }) => sum + length, 0)
  }

  /** Hands signatures over; each is answered, even if the thread ends. */
  verify(batch: readonly Verification[]): void {
    this.#worker.ref()
    this.#sent.push(batch)
    const raw = packBatch(
      batch.map(({ publicKey, signatureAlgorithm, message, signature }) => {
        const { digest } = signatureAlgorithms[signatureAlgorithm]
        return { digest, spki: publicKey.spki, message, signature }
      }),
    )
    this.#worker.postMessage(raw, [raw.bytes.buffer])
  }

  /** Ends the thread; what it has is verified here. */
  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#worker.terminate()
  }

  #answer(given: Uint8Array): void {
    const batch = this.#sent.shift() ?? []
    if (this.#sent.length === 0) this.#worker.unref()
    for (const [index, verification] of batch.entries()) settle(verification, given[index])
  }
}

/** Passes on what OpenSSL said elsewhere. For a key that it did not take it is asked again here, where the error can be told. */
function settle(verification: Verification, answer: number | undefined): void {
  if (answer !== answers.yes && answer !== answers.no) return verifyHere(verification)
  try {
    verification.resolve(judged(answer === answers.yes, verification.publicKey))
  } catch (error) {
    verification.reject(error)
  }
}
