import type { CertifyStep, StepDurations } from './observer.ts'
import type { TokenRedaction } from './token-redaction.ts'

/** The names of the durations, because a name that is put together for each request costs more than the clock. */
const durationNames = {
  request: 'requestMs',
  csr: 'csrMs',
  review: 'reviewMs',
  match: 'matchMs',
  issue: 'issueMs',
} as const satisfies { readonly [Step in CertifyStep]: `${Step}Ms` }

/** Where one certify request is, for events and errors; it decides nothing. */
export class Attempt {
  /** Takes the token of the request out of texts. */
  readonly redact: TokenRedaction
  #identity = ''
  #step: CertifyStep = 'request'
  #begun = 0
  /** Undefined where nobody asks for durations. */
  readonly #monotonicMs: (() => number) | undefined
  readonly #durations: { -readonly [Name in keyof StepDurations]: StepDurations[Name] } = {}

  constructor(monotonicMs: (() => number) | undefined, redact: TokenRedaction) {
    this.#monotonicMs = monotonicMs
    this.redact = redact
    if (monotonicMs !== undefined) this.#begun = monotonicMs()
  }

  /** The requested identity, safe to log; empty as long as nothing is known of it. */
  get identity(): string {
    return this.#identity
  }

  set identity(text: string) {
    this.#identity = this.redact(text)
  }

  get step(): CertifyStep {
    return this.#step
  }

  /** Ends the step before and begins another. */
  enter(step: CertifyStep): void {
    this.#measure()
    this.#step = step
  }

  /** How long each step took so far. */
  durations(): StepDurations {
    this.#measure()
    return Object.freeze({ ...this.#durations })
  }

  #measure(): void {
    if (this.#monotonicMs === undefined) return
    const now = this.#monotonicMs()
    const name = durationNames[this.#step]
    this.#durations[name] = (this.#durations[name] ?? 0) + now - this.#begun
    this.#begun = now
  }
}
