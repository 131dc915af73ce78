import type { CertificateErrorCode, CertificateErrorDetail } from '../errors.ts'
import type { PathCheckName, PathRole } from '../path/path-event.ts'
import type { ChainPurpose } from '../path/verified-chain.ts'

/**
 * Why a chain is accepted or refused. Frozen all the way down and made of JSON values only, so that it can be stored and sent;
 * instants are ISO 8601 in UTC. Names in it were chosen by the peer and are cut, never interpreted.
 */
export interface Explanation<Code extends string = CertificateErrorCode> {
  readonly verdict: 'accepted' | 'refused'
  readonly purpose: ChainPurpose
  readonly now: string
  /** What to act on first; its code is that of the verdict. None of an accepted chain. */
  readonly reason: ExplainedReason<Code> | undefined
  /** What would be refused next, once the first reason is gone. */
  readonly more: readonly ExplainedReason<Code | CertificateErrorCode>[]
  /** The rules of SVIDs, each by itself; none where only a path was asked for. */
  readonly rules: readonly ExplainedRule[]
  /** What was sent, in its order. */
  readonly chain: readonly ExplainedCertificate[]
  /** What is trusted; in a large bundle, those that matter first. */
  readonly trustAnchors: readonly ExplainedCertificate[]
  /** The certificate in question, and every issuer that was tried above it; none when nothing could be tried. */
  readonly tree: ExplainedLink | undefined
  readonly cut: ExplainedCut
  /** Who would decide otherwise about this very chain, as their documentation says. */
  readonly otherVerifiers: readonly VerifierDifference[]
}

/** One thing that is wrong, and what to do about it. */
export interface ExplainedReason<Code extends string = CertificateErrorCode> {
  readonly code: Code
  /** What is wrong, with the evidence: names, key identifiers, dates. */
  readonly what: string
  /** The next step. */
  readonly fix: string
  /** The evidence for programs. */
  readonly detail: CertificateErrorDetail
}

/** A rule of X.509-SVIDs as it stands with this one. */
export interface ExplainedRule {
  /** As in docs/spiffe.md, such as `X509-2`. */
  readonly rule: string
  /** What it asks, in a few words. */
  readonly asks: string
  readonly verdict: 'kept' | 'broken' | 'unknown'
  /** What was found. */
  readonly found: string
}

/** A certificate, or what could not be read as one, or a trusted key. */
export type ExplainedCertificate = ReadCertificate | UnreadableCertificate

/** The facts of a certificate that explanations need; a trusted key has a name and a key only. */
export interface ReadCertificate {
  readonly state: 'read'
  /** Its place in what was given. */
  readonly index: number
  readonly name: string
  readonly issuer: string | undefined
  readonly serialNumber: string | undefined
  readonly notBefore: string | undefined
  readonly notAfter: string | undefined
  readonly key: string
  /** As the certificate says it, or else of its key. */
  readonly keyIdentifier: string
  readonly authorityKeyIdentifier: string | undefined
  /** `uri:…`, `dns:…`, `email:…` and `ip:…`. */
  readonly names: readonly string[]
  readonly fingerprint: string | undefined
}

/** Bytes that are no certificate. */
export interface UnreadableCertificate {
  readonly state: 'unreadable'
  readonly index: number
  readonly bytes: number
  readonly code: CertificateErrorCode
  readonly message: string
  /** Where the DER breaks, in bytes; unknown when the encoding is right and its meaning wrong. */
  readonly offset: number | undefined
}

/** A certificate at its place in the paths that were tried. */
export interface ExplainedLink {
  readonly role: PathRole
  /** Its place: in the trust anchors for an anchor, else in the chain. */
  readonly index: number
  readonly name: string
  readonly keyIdentifier: string
  readonly verdict: 'passed' | 'refused'
  /** Whether the path that was found leads over it. */
  readonly isOnPath: boolean
  /** Whether the refusal of the whole chain comes from here. */
  readonly isDecisive: boolean
  readonly checks: readonly ExplainedCheck[]
  /** Those who were tried as its issuer, in this order. */
  readonly issuers: readonly ExplainedLink[]
  /** Says so when nobody has the name of its issuer. */
  readonly noIssuer: string | undefined
}

/** One check of one link. */
export interface ExplainedCheck {
  readonly check: PathCheckName
  readonly verdict: 'passed' | 'refused' | 'not-run'
  readonly evidence: CertificateErrorDetail
  /** Of a refused check. */
  readonly code: CertificateErrorCode | undefined
  readonly message: string | undefined
}

/** What an explanation leaves out, so that nobody can make it large. */
export interface ExplainedCut {
  /** Links of the tree. */
  readonly links: number
  /** Paths that end in those links. */
  readonly paths: number
  readonly trustAnchors: number
  readonly certificates: number
  /** Whether the search itself ended at a limit, so that nobody knows how many paths there are. */
  readonly isSearchCut: boolean
}

/** Another verifier that would decide otherwise. */
export interface VerifierDifference {
  readonly verifier: string
  readonly says: 'accepts' | 'may accept' | 'may refuse'
  readonly because: string
  /** Where that is written. */
  readonly source: string
}
