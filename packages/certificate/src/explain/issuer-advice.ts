import { describeCertificate, shorten } from '../describe-certificate.ts'
import { Certificate } from '../parse/certificate.ts'
import { isSelfIssued } from '../path/check-path-length.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import { authorityKeyIdentifierOf, keyIdentifierOf } from './explained-certificate.ts'
import type { Advice, Finding } from './finding.ts'
import type { RefusedLink } from './path-tree.ts'
import { called } from './time-advice.ts'

/** Most anchors that one sentence names. */
const MAX_NAMED = 3

/** CERT_UNKNOWN_ISSUER: another key than the one that signed, or nobody of that name. */
export function unknownIssuerAdvice(finding: Finding): Advice | undefined {
  const { at } = finding
  if (at === undefined) return undefined
  return at.check === undefined ? nobodyAdvice(at.subject, at, finding) : otherKeyAdvice(at, finding)
}

/** Somebody has the name, but with another key: a root or an issuer was rotated. */
function otherKeyAdvice({ subject, role, below }: RefusedLink, finding: Finding): Advice | undefined {
  const child = below.at(-1)
  if (child === undefined) return undefined
  const issuer = shorten(child.issuer.text())
  const signer = authorityKeyIdentifierOf(child) ?? 'unknown'
  const where = role === 'anchor' ? 'the trust bundle' : 'the chain'
  const other = `${where} has ${issuer} with key id ${keyIdentifierOf(subject)} instead`
  const what = `${describeCertificate(child)} is signed by ${issuer}, key id ${signer}; ${other}.`
  if (role === 'intermediate') {
    return {
      what,
      fix: `Send the certificate of ${issuer} with key id ${signer} after the leaf, in place of that one.`,
    }
  }
  const renewed = `issue ${describeCertificate(child)} anew from ${bestAnchor(subject, finding)}`
  return {
    what,
    fix: `Add ${issuer} with key id ${signer} to the trust bundle (in a rotation both belong there), or ${renewed}.`,
  }
}

/** A rotated anchor is named first, because it is what is current. */
function bestAnchor(subject: TrustAnchor, { anchors }: Finding): string {
  return `the one with key id ${keyIdentifierOf(anchors.includes(subject) ? subject : (anchors[0] ?? subject))}`
}

function nobodyAdvice(subject: TrustAnchor, at: RefusedLink, finding: Finding): Advice | undefined {
  if (!(subject instanceof Certificate)) return undefined
  const name = describeCertificate(subject)
  const anchors = namedAnchors(finding.anchors)
  if (isSelfIssued(subject)) {
    const what = `${name} is its own issuer (key id ${keyIdentifierOf(subject)}) and no trust anchor; the trust bundle has ${anchors}.`
    return { what, fix: `Add ${called(subject)} to the trust bundle if you trust it, or issue from ${anchors}.` }
  }
  const signer = authorityKeyIdentifierOf(subject)
  const issuer = `${shorten(subject.issuer.text())}${signer === undefined ? '' : ` (key id ${signer})`}`
  const what = `${name} is signed by ${issuer}; neither the chain nor the trust bundle has it. The trust bundle has ${anchors}.`
  const renamed = [...finding.chain, ...finding.anchors].find((one) => keyIdentifierOf(one) === signer)
  if (renamed !== undefined) {
    return {
      what,
      fix: `Issue ${name} anew: that key belongs to ${describeCertificate(renamed)} now, a CA of another name.`,
    }
  }
  return { what, fix: fixOfNobody(name, issuer, anchors, at.below.length === 0) }
}

/** Right above the leaf an intermediate is missing most often; further up, a root. */
function fixOfNobody(name: string, issuer: string, anchors: string, isLowest: boolean): string {
  return isLowest
    ? `Send the certificate of ${issuer} after the leaf; if it is a root that you trust, add it to the trust bundle.`
    : `Add ${issuer} to the trust bundle if it is a root that you trust, or issue ${name} anew from ${anchors}.`
}

function namedAnchors(anchors: readonly TrustAnchor[]): string {
  const names = anchors.slice(0, MAX_NAMED).map(called)
  const rest = anchors.length - names.length
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** CERT_SIGNATURE_INVALID: the identifiers agree or say nothing, and still the key did not sign. */
export function signatureAdvice({ at }: Finding): Advice | undefined {
  const child = at?.below.at(-1)
  if (at === undefined || child === undefined) return undefined
  const name = describeCertificate(child)
  const isNamed = authorityKeyIdentifierOf(child) === keyIdentifierOf(at.subject)
  const what = `${name} names ${called(at.subject)} as its issuer, but that key did not sign it.`
  if (isNamed) {
    return {
      what,
      fix: `Do not trust ${name}: it was changed or forged. Fetch it again; if it stays so, issue it anew.`,
    }
  }
  const issuer = shorten(child.issuer.text())
  const where = at.role === 'anchor' ? 'put it into the trust bundle' : 'send it after the leaf'
  return {
    what,
    fix: `Find the certificate of ${issuer} whose key signed ${name} (names can be shared), and ${where}.`,
  }
}
