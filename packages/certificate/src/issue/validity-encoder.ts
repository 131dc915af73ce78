import { encodeTime } from '@meshid/der'
import type { FoundPath } from '../path/verified-chain.ts'
import { validityWindow, type ValidityPolicy } from './validity-window.ts'

/** A window and its bytes. */
export interface EncodedValidity {
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  /** Both times, one after the other, as DER. */
  readonly der: Uint8Array
}

/**
 * Returns `validityWindow` with its bytes. A window depends on the second alone, so each is computed, and the path checked, once a second.
 *
 * @throws CertificateError, RangeError from the encoder, as `validityWindow` does
 */
export function createValidityEncoder(policy: ValidityPolicy, above: FoundPath): (now: Date) => EncodedValidity {
  let second = Number.NaN
  let encoded: EncodedValidity | undefined
  return (now) => {
    const current = Math.floor(now.getTime() / 1000)
    if (encoded !== undefined && current === second) return encoded
    const { notBefore, notAfter } = validityWindow(now, policy, above)
    const der = Uint8Array.of(...encodeTime(notBefore), ...encodeTime(notAfter))
    encoded = { notBefore: notBefore.getTime(), notAfter: notAfter.getTime(), der }
    second = current
    return encoded
  }
}
