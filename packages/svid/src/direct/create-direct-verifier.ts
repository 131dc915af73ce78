import { DerError } from '@meshid/der'
import { KeysError, type Verifier } from '@meshid/keys'
import { SpiffeIdError, TrustDomain } from '@meshid/spiffe-id'
import type { DirectSvid } from './direct-svid.ts'
import { maySign } from './find-plain-path.ts'
import { isSameBytes } from './is-same-bytes.ts'
import { type PlainCertificate, readPlainCertificate } from './read-plain-certificate.ts'
import { expectPlain, Undecided } from './undecided.ts'
import { verifyPlainChain } from './verify-plain-chain.ts'

/** What {@link createDirectVerifier} takes. */
export interface DirectVerifierOptions {
  readonly trustDomain: TrustDomain
  /** The CA certificates of its bundle, all of them, each as DER; equal ones count once. They are copied. */
  readonly authorities: readonly Uint8Array[]
  /** Checks the signatures: `nobleVerifier` of @meshid/keys anywhere, or `nodeVerifier` of @meshid/keys/node, which knows RSA too. */
  readonly verifier: Verifier
}

/** Verifies SVIDs of one trust domain, where they are plain. */
export interface DirectVerifier {
  /** Whether it can decide anything: not when there is no authority, or one that is not plain. */
  readonly isUsable: boolean
  /**
   * Verifies an SVID of the trust domain for both sides of TLS, or does not decide: `undefined` is no refusal. Ask `verifySvid` then,
   * which has the last word and the reason.
   *
   * @param chain DER, the leaf first and each certificate followed by its issuer, at most `MAX_DIRECT_CERTIFICATES`; read in
   *   place, so the bytes must not change during the call
   * @param now the instant at which every certificate must be valid, without leeway (X509-36)
   * @throws RangeError, TypeError for arguments that types already refuse
   */
  verify(chain: readonly Uint8Array[], now: Date): DirectSvid | undefined
}

/**
 * Makes a small verifier for the plain chains that meshes issue: it says yes, or nothing. What it accepts, `verifySvid` accepts
 * with these authorities, for either side of TLS, with the same ID, key and end.
 *
 * Name constraints, policies, unknown critical extensions, names of other kinds, chains out of order and pools are left to `verifySvid`.
 *
 * @see SPIFFE X509-SVID section 5; rules X509-1 to X509-36
 * @example
 * const direct = createDirectVerifier({ trustDomain, authorities: [rootDer], verifier: nobleVerifier })
 * const peer = direct.verify(chain, now) ?? verifySvid({ chain, bundles, now, purpose }, { verifier: nobleVerifier })
 */
export function createDirectVerifier(options: DirectVerifierOptions): DirectVerifier {
  const { trustDomain, verifier } = options
  if (!(trustDomain instanceof TrustDomain)) throw new TypeError('trustDomain: expected a TrustDomain')
  checkBytes('authorities', options.authorities)
  const authorities = decided(() => readAuthorities(options.authorities)) ?? []
  return Object.freeze({
    isUsable: authorities.length > 0,
    verify(chain: readonly Uint8Array[], now: Date) {
      checkBytes('chain', chain)
      const time = now.getTime()
      if (!Number.isFinite(time)) throw new RangeError('now: expected a valid Date, found an invalid one')
      return decided(() => verifyPlainChain(chain, time, { trustDomain, authorities, verifier }))
    },
  })
}

function checkBytes(name: string, values: readonly Uint8Array[]): void {
  if (values.every((value) => value instanceof Uint8Array)) return
  throw new TypeError(`${name}: expected a Uint8Array of DER for each certificate`)
}

/** What came out, unless something was not plain. */
function decided<T>(decide: () => T): T | undefined {
  try {
    return decide()
  } catch (error) {
    const isUndecided = [Undecided, DerError, KeysError, SpiffeIdError].some((kind) => error instanceof kind)
    if (isUndecided) return undefined
    throw error
  }
}

/** All of them or none: who shares the name of one that is not plain cannot be known. */
function readAuthorities(ders: readonly Uint8Array[]): readonly PlainCertificate[] {
  const authorities: PlainCertificate[] = []
  for (const given of ders) {
    const authority = readPlainCertificate(new Uint8Array(given))
    expectPlain(maySign(authority, true))
    if (!authorities.some(({ der }) => isSameBytes(der, given))) authorities.push(authority)
  }
  return authorities
}
