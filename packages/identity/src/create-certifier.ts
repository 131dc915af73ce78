import { type AsyncCsrMemory, createCsrVerifier } from '@meshid/csr'
import type { AsyncVerifier, Verifier } from '@meshid/keys'
import { Attempt } from './attempt.ts'
import { certify, type CertifyDecision, type CertifyWorld } from './certify.ts'
import type { CertifyRequest } from './certify-request.ts'
import { type CertifyObserver, notify } from './observer.ts'
import { refusalOf } from './refusal-of.ts'
import { safeText } from './safe-text.ts'
import { redactionOf, withoutToken } from './token-redaction.ts'

/** Who verifies the CSRs, at once or later: a verifier each time, or a memory that knows again what its verifier has verified. */
export type CsrVerification =
  | { readonly verifier: Verifier | AsyncVerifier; readonly csrMemory?: undefined }
  | { readonly csrMemory: AsyncCsrMemory; readonly verifier?: undefined }

/** Options of {@link createCertifier}. */
export type CertifierOptions = CertifierParts & CsrVerification

interface CertifierParts extends Omit<CertifyWorld, 'csrs'> {
  readonly observer?: CertifyObserver | undefined
  /** A clock in milliseconds that never goes back, for durations; without it they are differences of `clock`. */
  readonly monotonicMs?: (() => number) | undefined
}

/** What a workload gets; frozen. */
export interface CertifiedWorkload {
  /** DER. */
  readonly leaf: Uint8Array
  /** DER, the leaf's issuer first. */
  readonly intermediates: readonly Uint8Array[]
  /** The notAfter of the leaf. */
  readonly validUntil: Date
}

/** Decides certify requests; any number at once. */
export interface Certifier {
  /**
   * Decides one request and signs the answer.
   *
   * The leaf names the account that the token's authority vouched for, is for the key whose possession the CSR proves,
   * and takes nothing else from the request.
   *
   * @throws IdentityError any of its codes
   * @throws the reason of `signal`, untouched
   */
  certify(request: CertifyRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<CertifiedWorkload>
}

/** Makes a certifier of a token reviewer, a profile and a holder of the issuer. It keeps nothing between requests, but what `csrMemory` keeps. */
export function createCertifier(options: CertifierOptions): Certifier {
  const { observer, clock } = options
  const world: CertifyWorld = {
    ...options,
    csrs: options.csrMemory ?? createCsrVerifier({ verifier: options.verifier }),
  }
  const monotonicMs = options.monotonicMs ?? (() => clock.now().getTime())
  return Object.freeze({
    async certify(
      request: CertifyRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): Promise<CertifiedWorkload> {
      const attempt = new Attempt(observer && monotonicMs, redactionOf(request.token))
      const onValidating = () => notify(observer, { type: 'validating', identity: attempt.identity })
      try {
        signal?.throwIfAborted()
        const decision = await certify(request, world, { attempt, signal, onValidating })
        if (observer !== undefined) notify(observer, issuedEvent(decision, attempt))
        const { issued, issuer } = decision
        return Object.freeze({ leaf: issued.der, intermediates: issuer.chain, validUntil: issued.notAfter })
      } catch (error) {
        if (attempt.identity === '') attempt.identity = safeText(request.identity)
        throw refuse(error, { attempt, signal, observer })
      }
    },
  })
}

function issuedEvent({ account, issued }: CertifyDecision, attempt: Attempt) {
  return {
    type: 'issued',
    identity: attempt.identity,
    account,
    notAfter: issued.notAfter,
    serialNumber: issued.serialNumber,
    get fingerprint() {
      return issued.fingerprint()
    },
    durations: attempt.durations(),
  } as const
}

interface Refused {
  readonly attempt: Attempt
  readonly signal: AbortSignal | undefined
  readonly observer: CertifyObserver | undefined
}

/** Tells the observer how a request ended, and returns what its caller is to be thrown. */
function refuse(error: unknown, { attempt, signal, observer }: Refused): unknown {
  const { identity, step } = attempt
  const durations = attempt.durations()
  if (signal?.aborted === true) {
    notify(observer, { type: 'aborted', identity, step, durations })
    return signal.reason
  }
  const refusal = withoutToken(refusalOf(error, attempt), attempt.redact)
  const { code, message: reason } = refusal
  notify(observer, { type: 'refused', identity, code, step, reason, error: refusal, durations })
  return refusal
}
