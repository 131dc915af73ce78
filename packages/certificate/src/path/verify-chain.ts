import { nobleVerifier, type Verifier } from '@meshid/keys'
import { Certificate } from '../parse/certificate.ts'
import { checkCriticalExtensions } from './check-critical-extensions.ts'
import { type ChainPurpose, checkPurpose } from './check-purpose.ts'
import { checkValidity } from './check-validity.ts'
import { CertificateError } from '../errors.ts'
import { findPath } from './find-path.ts'
import { TrustAnchors } from './trust-anchors.ts'
import { createVerifiedChain, type VerifiedChain } from './verified-chain.ts'

/** Most certificates that a peer or a file may send as one chain (X509-30). */
export const MAX_CHAIN_CERTIFICATES = 10

/** Most bytes of them all (X509-30). */
export const MAX_CHAIN_BYTES = 0x10000

/** What {@link verifyChain} judges. */
export interface VerifyChainInput {
  /** The certificate in question first; the rest is a pool of intermediates in any order, which gains no trust. */
  readonly chain: readonly Certificate[]
  readonly trustAnchors: TrustAnchors
  /** The instant at which every certificate must be valid, the anchor included. */
  readonly now: Date
  readonly purpose: ChainPurpose
}

/** Options of {@link verifyChain}. */
export interface VerifyChainOptions {
  /** Checks the signatures; `nobleVerifier` by default, which does not know RSA. */
  readonly verifier?: Verifier
}

/**
 * Verifies that a certificate leads to a trust anchor and may be used for a purpose: times, names, basic constraints, path
 * lengths, key usages, extended key usages, critical extensions and signatures, of every certificate up to the anchor.
 *
 * Who the leaf is, and whether it is welcome, is not decided here; see `spiffeIdOfCertificate`. Revocation is not checked.
 * Chains with name constraints are refused. Where several issuers have the right name each is tried, within a limit.
 *
 * @throws CertificateError CERT_CHAIN_EMPTY, CERT_CHAIN_TOO_LONG, CERT_EXPIRED, CERT_NOT_YET_VALID, CERT_ANCHOR_EXPIRED,
 *   CERT_ANCHOR_NOT_YET_VALID, CERT_LEAF_IS_CA, CERT_LEAF_CAN_SIGN, CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN,
 *   CERT_KEY_USAGE_MISMATCH, CERT_EXTENDED_KEY_USAGE_MISMATCH, CERT_PATH_LENGTH_EXCEEDED, CERT_UNKNOWN_ISSUER,
 *   CERT_UNKNOWN_CRITICAL_EXTENSION, CERT_NAME_CONSTRAINTS_UNSUPPORTED, CERT_SIGNATURE_INVALID,
 *   CERT_UNSUPPORTED_ALGORITHM, CERT_SEARCH_LIMIT
 * @see RFC 5280 section 6.1, SPIFFE rules X509-26, X509-30 to X509-32 and X509-36
 */
export function verifyChain(input: VerifyChainInput, options: VerifyChainOptions = {}): VerifiedChain {
  const { chain, trustAnchors, now, purpose } = input
  checkArguments(input)
  const [certificate, ...intermediates] = chain
  if (certificate === undefined) {
    throw new CertificateError('CERT_CHAIN_EMPTY', 'chain: expected at least one certificate, found none')
  }
  checkSize(chain)
  checkPurpose(certificate, purpose)
  checkCriticalExtensions(certificate)
  checkValidity(certificate, { now })
  if (trustAnchors.has(certificate)) return createVerifiedChain([certificate], purpose)
  const verifier = options.verifier ?? nobleVerifier
  return createVerifiedChain(findPath(certificate, { intermediates, trustAnchors, now, purpose, verifier }), purpose)
}

/** Mistakes of the caller, which types already refuse. */
function checkArguments({ chain, trustAnchors, now }: VerifyChainInput): void {
  if (!chain.every((certificate) => certificate instanceof Certificate))
    throw new TypeError('chain: expected parsed certificates')
  if (!(trustAnchors instanceof TrustAnchors)) throw new TypeError('trustAnchors: expected those of createTrustAnchors')
  if (!Number.isFinite(now.getTime())) throw new RangeError('now: expected a valid Date, found an invalid one')
}

function checkSize(chain: readonly Certificate[]): void {
  const bytes = chain.reduce((sum, { der }) => sum + der.length, 0)
  if (chain.length <= MAX_CHAIN_CERTIFICATES && bytes <= MAX_CHAIN_BYTES) return
  throw new CertificateError(
    'CERT_CHAIN_TOO_LONG',
    `chain: expected at most ${MAX_CHAIN_CERTIFICATES} certificates of ${MAX_CHAIN_BYTES} bytes together, found ${chain.length} of ${bytes}`,
    { detail: { certificates: chain.length, bytes, limit: MAX_CHAIN_CERTIFICATES, limitBytes: MAX_CHAIN_BYTES } },
  )
}
