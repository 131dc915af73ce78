import { isSameKey } from '@meshid/keys'
import { describeCertificate, evidenceOf, shorten } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { Certificate } from '../parse/certificate.ts'
import { isSelfIssued } from './check-path-length.ts'
import { judgeLink } from './judge-link.ts'
import type { PathSearch } from './path-check.ts'
import { issuerChecks, trustedKeyChecks } from './path-checks.ts'
import type { PathRole } from './path-event.ts'
import { searchLimit } from './search-work.ts'
import type { TrustAnchor } from './trusted-key.ts'
import type { FoundPath } from './verified-chain.ts'
import { compareKeyIdentifiers } from './verify-certificate-signature.ts'

/** The refusal that tells most: of the longest path that was reached. */
interface Deepest {
  depth: number
  refusal: CertificateError | undefined
}

/**
 * Finds a verified path from a certificate, which was judged itself, up to a trust anchor: depth first, matching key
 * identifiers before others, anchors before intermediates. No path passes the same name and key twice.
 *
 * @throws CertificateError the refusal of the longest path that was reached, or CERT_SEARCH_LIMIT
 * @see RFC 5280 section 6.1, RFC 4158 section 2
 */
export function findPath(target: Certificate, search: PathSearch): FoundPath {
  const deepest: Deepest = { depth: 0, refusal: undefined }
  const found = extend([target], search, deepest)
  if (found !== undefined) return found
  throw deepest.refusal ?? unknownIssuer(target)
}

function extend(path: readonly Certificate[], search: PathSearch, deepest: Deepest): FoundPath | undefined {
  const child = path.at(-1) as Certificate
  const anchors = search.trustAnchors.named(child.issuer)
  const candidates = candidatesFor(child, anchors, path, search)
  if (candidates.length === 0) refuse(unknownIssuer(child), path, search, deepest)
  for (const issuer of candidates) {
    spendCandidate(child, search)
    const role = anchors.includes(issuer) ? 'anchor' : 'intermediate'
    const refusal = judge(issuer, role, path, search)
    if (refusal !== undefined) {
      note(deepest, path.length, refusal)
      continue
    }
    const longer = issuer instanceof Certificate ? [...path, issuer] : path
    if (role === 'anchor') return { path: longer, anchor: issuer }
    const found = extend(longer, search, deepest)
    if (found !== undefined) return found
  }
  return undefined
}

function judge(
  issuer: TrustAnchor,
  role: PathRole,
  below: readonly Certificate[],
  search: PathSearch,
): CertificateError | undefined {
  return issuer instanceof Certificate
    ? judgeLink({ subject: issuer, role, below }, issuerChecks, search)
    : judgeLink({ subject: issuer, role, below }, trustedKeyChecks, search)
}

const rankOf = { same: 0, unknown: 1, different: 2 } as const

/** Whoever has the name of the child's issuer. Key identifiers only order them, since they are hints (RFC 4158 section 3.5.12). */
function candidatesFor(
  child: Certificate,
  anchors: readonly TrustAnchor[],
  path: readonly Certificate[],
  search: PathSearch,
): readonly TrustAnchor[] {
  let found: TrustAnchor[] | undefined
  for (const issuer of search.intermediates) {
    if (issuer.subject.equals(child.issuer) && !isOnPath(issuer, path) && !search.trustAnchors.has(issuer)) {
      found ??= [...anchors]
      found.push(issuer)
    }
  }
  const candidates = found ?? anchors
  return candidates.length < 2 ? candidates : byKeyIdentifier(candidates, child)
}

function byKeyIdentifier(candidates: readonly TrustAnchor[], child: Certificate): readonly TrustAnchor[] {
  const rank = (issuer: TrustAnchor): number => rankOf[compareKeyIdentifiers(child, issuer)]
  return candidates.toSorted((one, other) => rank(one) - rank(other))
}

/** Whether a path has this name with this key already (RFC 4158 section 2.4.2). */
function isOnPath({ subject, publicKey }: Certificate, path: readonly Certificate[]): boolean {
  return path.some((earlier) => earlier.subject.equals(subject) && isSameKey(earlier.publicKey, publicKey))
}

function spendCandidate(child: Certificate, { work, limits }: PathSearch): void {
  if (++work.candidates > limits.maxCandidates) throw searchLimit(child, 'candidates', limits.maxCandidates)
}

function refuse(refusal: CertificateError, below: readonly Certificate[], search: PathSearch, deepest: Deepest): void {
  search.trace?.tell({ type: 'no-issuer', below, refusal })
  note(deepest, below.length, refusal)
}

function note(deepest: Deepest, depth: number, refusal: CertificateError): void {
  if (depth <= deepest.depth) return
  deepest.depth = depth
  deepest.refusal = refusal
}

function unknownIssuer(certificate: Certificate): CertificateError {
  const issuer = shorten(certificate.issuer.text())
  const found = isSelfIssued(certificate) ? 'a self-issued certificate that is no trust anchor' : `none named ${issuer}`
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
