import { type AsyncVerifier, nobleVerifier, ownPublicKey, proveKey, proveKeyAsync } from '@meshid/keys'
import type { ProofOfPossession, ProvenKey, Verifier } from '@meshid/keys'
import { CsrError } from './errors.ts'
import { type CsrKeyAlgorithm, csrKeyAlgorithms } from './key-algorithms.ts'
import { csrErrorOf } from './keys-refusal.ts'
import { type CsrLayout, readLayout } from './layout.ts'
import { layoutOf, ParsedCsr } from './parsed-csr.ts'

/** Options of {@link verifyCsr}. */
export interface VerifyCsrOptions {
  /** `nobleVerifier` by default; on Node, `nodeVerifier` of `@meshid/keys/node` is some thirty times as fast. */
  readonly verifier?: Verifier
  /** The kinds of key that policy allows; {@link csrKeyAlgorithms} by default. */
  readonly keyAlgorithms?: readonly CsrKeyAlgorithm[]
}

let createVerifiedCsr: (layout: CsrLayout, key: ProvenKey) => VerifiedCsr

/**
 * A request whose sender holds, or held, the private key of its public key; its names are still only wishes.
 *
 * Only {@link verifyCsr} makes one.
 */
export class VerifiedCsr extends ParsedCsr {
  readonly #key: ProvenKey

  private constructor(layout: CsrLayout, key: ProvenKey) {
    super(layout)
    this.#key = key
  }

  /** The key whose possession the request proves. */
  get key(): ProvenKey {
    return this.#key
  }

  static {
    createVerifiedCsr = (layout, key) => new VerifiedCsr(layout, key)
  }
}

/**
 * Checks that the request is signed by the private key of its own public key: proof of possession (Q1).
 *
 * Who sent it, and whether they may have the names in it, is not known after this. A recorded request verifies again. The bytes
 * are copied and read once more, so that what was verified is what is read from then on.
 *
 * @throws CsrError CSR_UNSUPPORTED_KEY (Q9), CSR_SIGNATURE_INVALID, CSR_PUBLIC_KEY_INVALID (the point is not on its curve);
 *   if the bytes were changed since they were parsed, any code of `parseCsr`
 * @see RFC 2986 section 3
 */
export function verifyCsr(csr: ParsedCsr, options: VerifyCsrOptions = {}): VerifiedCsr {
  return verifyLayout(readLayout(new Uint8Array(layoutOf(csr).bytes)), options.verifier ?? nobleVerifier, options)
}

/** Which keys may be proven. */
type KeyPolicy = Pick<VerifyCsrOptions, 'keyAlgorithms'>

/** Verifies a request whose bytes nobody else can change. */
export function verifyLayout(layout: CsrLayout, verifier: Verifier, { keyAlgorithms }: KeyPolicy): VerifiedCsr {
  const proof = proofOf(layout, keyAlgorithms)
  try {
    return createVerifiedCsr(layout, proveKey(proof, verifier))
  } catch (error) {
    throw csrErrorOf(error)
  }
}

/** The same with a verifier that answers later. */
export async function verifyLayoutAsync(
  layout: CsrLayout,
  verifier: AsyncVerifier,
  { keyAlgorithms }: KeyPolicy,
): Promise<VerifiedCsr> {
  const proof = proofOf(layout, keyAlgorithms)
  try {
    return createVerifiedCsr(layout, await proveKeyAsync(proof, verifier))
  } catch (error) {
    throw csrErrorOf(error)
  }
}

function proofOf(layout: CsrLayout, allowed: readonly string[] = csrKeyAlgorithms): ProofOfPossession {
  const { bytes, infoStart, infoEnd, publicKey, signatureAlgorithm, signatureStart } = layout
  if (!allowed.includes(publicKey.algorithm)) {
    throw new CsrError('CSR_UNSUPPORTED_KEY', { expected: allowed.join(', '), found: publicKey.algorithm })
  }
  const message = bytes.subarray(infoStart, infoEnd)
  return { publicKey: ownPublicKey(publicKey), signatureAlgorithm, message, signature: bytes.subarray(signatureStart) }
}
