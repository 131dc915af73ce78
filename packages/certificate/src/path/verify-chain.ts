import type { Verifier } from '@meshid/keys'
import { CertificateError } from '../errors.ts'
import { Certificate } from '../parse/certificate.ts'
import { findPath } from './find-path.ts'
import { judgeLink } from './judge-link.ts'
import { targetChecks } from './path-checks.ts'
import { requiredUsages } from './check-extended-key-usage.ts'
import { type PathLimits, pathLimits } from './path-limits.ts'
import type { PathSearch, PathTrace } from './path-check.ts'
import { newSearchWork } from './search-work.ts'
import type { SignatureMemory } from './signature-memory.ts'
import { TrustAnchors } from './trust-anchors.ts'
import { type ChainPurpose, createVerifiedChain, type FoundPath, type VerifiedChain } from './verified-chain.ts'

export type { PathLimits } from './path-limits.ts'

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
  /** Checks the signatures: `nobleVerifier` of @meshid/keys anywhere, or `nodeVerifier` of @meshid/keys/node, which knows RSA too. */
  readonly verifier: Verifier
  /** Good signatures of earlier verifications, which are not verified again; see `createSignatureMemory`. */
  readonly memory?: SignatureMemory | undefined
  /** Other limits than the defaults, such as for the large pools of bridged CAs. */
  readonly limits?: Partial<PathLimits> | undefined
  /** Told of each path that is tried and each check; changes no verdict; see `createPathTrace`. */
  readonly trace?: PathTrace | undefined
}

/**
 * Verifies that a certificate leads to a trust anchor and may be used for a purpose: times, names, basic constraints, path
 * lengths, key usages, extended key usages, name constraints, critical extensions and signatures, of every certificate up to
 * the anchor. All paths are tried, within limits.
 *
 * Who the leaf is, and whether it is welcome, is not decided here; see `spiffeIdOfCertificate` and `matchPeerName`.
 * Revocation is not checked.
 *
 * @throws CertificateError CERT_CHAIN_EMPTY, CERT_CHAIN_TOO_LONG, CERT_EXPIRED, CERT_NOT_YET_VALID, CERT_ANCHOR_EXPIRED,
 *   CERT_ANCHOR_NOT_YET_VALID, CERT_LEAF_IS_CA, CERT_LEAF_CAN_SIGN, CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN,
 *   CERT_KEY_USAGE_MISMATCH, CERT_EXTENDED_KEY_USAGE_MISMATCH, CERT_PATH_LENGTH_EXCEEDED, CERT_UNKNOWN_ISSUER,
 *   CERT_UNKNOWN_CRITICAL_EXTENSION, CERT_POLICY_UNSUPPORTED, CERT_SERIAL_NUMBER_INVALID, CERT_NAME_EXCLUDED,
 *   CERT_NAME_NOT_PERMITTED, CERT_NAME_CONSTRAINTS_UNSUPPORTED, CERT_SIGNATURE_INVALID, CERT_UNSUPPORTED_ALGORITHM,
 *   CERT_SEARCH_LIMIT
 * @throws TypeError, RangeError for arguments that types already refuse
 * @see RFC 5280 section 6.1, SPIFFE rules X509-26, X509-30 to X509-32 and X509-36
 */
export function verifyChain(input: VerifyChainInput, options: VerifyChainOptions): VerifiedChain {
  const { chain, trustAnchors, now, purpose } = input
  const { verifier, memory, trace } = options
  checkArguments(input)
  const limits = pathLimits(options.limits)
  const [target] = chain
  if (target === undefined) {
    throw new CertificateError('CERT_CHAIN_EMPTY', 'chain: expected at least one certificate, found none')
  }
  checkSize(chain, limits)
  const work = newSearchWork()
  const spareWork = trace === undefined ? work : newSearchWork()
  const intermediates = chain.slice(1)
  // One literal: a copy of a copy would be half of what a verification allocates.
  const search: PathSearch = {
    intermediates,
    trustAnchors,
    now,
    purpose,
    limits,
    verifier,
    memory,
    trace,
    work,
    spareWork,
  }
  const refusal = judgeLink({ subject: target, role: 'target', below: [] }, targetChecks, search)
  if (refusal !== undefined) throw refusal
  const found: FoundPath = trustAnchors.has(target) ? { path: [target], anchor: target } : findPath(target, search)
  trace?.tell({ type: 'found', ...found })
  return createVerifiedChain(found, purpose)
}

/** Mistakes of the caller, which types already refuse. */
function checkArguments({ chain, trustAnchors, now, purpose }: VerifyChainInput): void {
  for (const certificate of chain) {
    if (!(certificate instanceof Certificate)) throw new TypeError('chain: expected parsed certificates')
  }
  if (!(trustAnchors instanceof TrustAnchors)) throw new TypeError('trustAnchors: expected those of createTrustAnchors')
  if (!Number.isFinite(now.getTime())) throw new RangeError('now: expected a valid Date, found an invalid one')
  if (!Object.hasOwn(requiredUsages, purpose))
    throw new RangeError(`purpose: expected one of the four, found ${purpose}`)
}

/** @throws CertificateError CERT_CHAIN_TOO_LONG */
export function checkSize(chain: readonly Pick<Certificate, 'der'>[], { maxCertificates, maxBytes }: PathLimits): void {
  let bytes = 0
  for (const { der } of chain) bytes += der.length
  if (chain.length <= maxCertificates && bytes <= maxBytes) return
  throw new CertificateError(
    'CERT_CHAIN_TOO_LONG',
    `chain: expected at most ${maxCertificates} certificates of ${maxBytes} bytes together, found ${chain.length} of ${bytes}`,
    { detail: { certificates: chain.length, bytes, limit: maxCertificates, limitBytes: maxBytes } },
  )
}
