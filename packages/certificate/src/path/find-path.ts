import { isSameKey, type Verifier } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { checkCriticalExtensions } from './check-critical-extensions.ts'
import { type ChainPurpose, checkExtendedKeyUsage } from './check-purpose.ts'
import { checkSigner } from './check-signer.ts'
import { checkValidity } from './check-validity.ts'
import { describeCertificate, evidenceOf, shorten } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import type { TrustAnchors } from './trust-anchors.ts'
import { compareKeyIdentifiers, verifyCertificateSignature } from './verify-certificate-signature.ts'

/** Most signatures that one search verifies; an honest chain needs one for each certificate. */
export const MAX_SIGNATURE_CHECKS = 32

/** What {@link findPath} searches in. */
export interface PathSearch {
  readonly intermediates: readonly Certificate[]
  readonly trustAnchors: TrustAnchors
  readonly now: Date
  readonly purpose: ChainPurpose
  readonly verifier: Verifier
}

interface SearchState extends PathSearch {
  signatureChecks: number
  /** The refusal that tells most: of the longest path that was reached. */
  refusal: { readonly depth: number; readonly error: CertificateError } | undefined
}

interface Candidate {
  readonly issuer: Certificate
  readonly role: 'anchor' | 'other'
}

/**
 * Finds a verified path from a certificate, which was checked itself, up to a trust anchor: depth first, anchors before
 * intermediates, matching key identifiers before others.
 *
 * @throws CertificateError the refusal of the longest path that was reached, or CERT_SEARCH_LIMIT
 */
export function findPath(certificate: Certificate, search: PathSearch): readonly Certificate[] {
  const state: SearchState = { ...search, signatureChecks: 0, refusal: undefined }
  const path = extend([certificate], state)
  if (path !== undefined) return path
  throw state.refusal?.error ?? unknownIssuer(certificate)
}

function extend(path: readonly Certificate[], state: SearchState): readonly Certificate[] | undefined {
  const child = path.at(-1) as Certificate
  const candidates = candidatesFor(child, path, state)
  if (candidates.length === 0) note(state, path.length, unknownIssuer(child))
  for (const candidate of candidates) {
    const refusal = refusalOf(candidate, path, state)
    if (refusal !== undefined) {
      note(state, path.length, refusal)
      continue
    }
    const longer = [...path, candidate.issuer]
    const found = candidate.role === 'anchor' ? longer : extend(longer, state)
    if (found !== undefined) return found
  }
  return undefined
}

function candidatesFor(child: Certificate, path: readonly Certificate[], state: SearchState): readonly Candidate[] {
  const anchors = state.trustAnchors.named(child.issuer)
  const pool = state.intermediates.filter(
    (issuer) =>
      issuer.subject.equals(child.issuer) &&
      !path.some((earlier) => isSameAuthority(earlier, issuer)) &&
      !state.trustAnchors.has(issuer),
  )
  const candidates: readonly Candidate[] = [
    ...anchors.map((issuer) => ({ issuer, role: 'anchor' as const })),
    ...pool.map((issuer) => ({ issuer, role: 'other' as const })),
  ]
  const order = { same: 0, unknown: 1, different: 2 }
  return candidates.toSorted(
    (one, other) => order[compareKeyIdentifiers(child, one.issuer)] - order[compareKeyIdentifiers(child, other.issuer)],
  )
}

/** A path must not pass the same name and key twice (RFC 4158 section 2.4.2). */
function isSameAuthority(one: Certificate, other: Certificate): boolean {
  return one.subject.equals(other.subject) && isSameKey(one.publicKey, other.publicKey)
}

function refusalOf(
  { issuer, role }: Candidate,
  path: readonly Certificate[],
  state: SearchState,
): CertificateError | undefined {
  try {
    checkSigner(issuer, { role })
    checkCriticalExtensions(issuer)
    checkExtendedKeyUsage(issuer, state.purpose)
    checkPathLength(issuer, path, state.purpose)
    checkValidity(issuer, { now: state.now, role })
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
  return signatureRefusalOf(issuer, path.at(-1) as Certificate, state)
}

function signatureRefusalOf(issuer: Certificate, child: Certificate, state: SearchState): CertificateError | undefined {
  if (state.signatureChecks >= MAX_SIGNATURE_CHECKS) {
    const message = `${describeCertificate(child)}: expected a path within ${MAX_SIGNATURE_CHECKS} signature checks, found none`
    throw new CertificateError('CERT_SEARCH_LIMIT', message, {
      detail: { ...evidenceOf(child), limit: MAX_SIGNATURE_CHECKS },
    })
  }
  state.signatureChecks++
  try {
    verifyCertificateSignature(child, issuer, state.verifier)
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}

/**
 * Checks that an issuer allows the CAs below it. Self-issued ones do not count; an issuer that is asked about does, because
 * it will have workloads below it (RFC 5280 section 6.1.4 (l) and (m)).
 */
function checkPathLength(issuer: Certificate, path: readonly Certificate[], purpose: ChainPurpose): void {
  const limit = issuer.basicConstraints?.pathLength
  const authorities = purpose === 'issuer' ? path : path.slice(1)
  const found = authorities.filter((certificate) => !certificate.subject.equals(certificate.issuer)).length
  if (limit === undefined || found <= limit) return
  throw new CertificateError(
    'CERT_PATH_LENGTH_EXCEEDED',
    `${describeCertificate(issuer)}: expected at most ${limit} CAs below it, found ${found}`,
    { detail: { ...evidenceOf(issuer), limit, found } },
  )
}

function note(state: SearchState, depth: number, error: CertificateError): void {
  if (state.refusal === undefined || depth > state.refusal.depth) state.refusal = { depth, error }
}

function unknownIssuer(certificate: Certificate): CertificateError {
  const issuer = shorten(certificate.issuer.text())
  const isSelfIssued = certificate.issuer.equals(certificate.subject)
  const found = isSelfIssued ? 'a self-issued certificate that is no trust anchor' : `none named ${issuer}`
  const keyIdentifier = certificate.authorityKeyIdentifier
  return new CertificateError(
    'CERT_UNKNOWN_ISSUER',
    `${describeCertificate(certificate)}: expected its issuer among the trust anchors and intermediates, found ${found}`,
    {
      detail: {
        ...evidenceOf(certificate),
        issuer,
        ...(keyIdentifier === undefined ? {} : { authorityKeyIdentifier: bytesToHex(keyIdentifier) }),
      },
    },
  )
}
