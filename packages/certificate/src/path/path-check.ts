import type { Verifier } from '@meshid/keys'
import type { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { ChainPurpose } from './verified-chain.ts'
import type { PathLimits } from './path-limits.ts'
import type { PathCheckName, PathEvent, PathRole } from './path-event.ts'
import type { SearchWork } from './search-work.ts'
import type { SignatureMemory } from './signature-memory.ts'
import type { TrustAnchors } from './trust-anchors.ts'
import type { TrustAnchor } from './trusted-key.ts'

/** What a search looks for and with, and what it has spent. */
export interface PathSearch {
  readonly intermediates: readonly Certificate[]
  readonly trustAnchors: TrustAnchors
  readonly now: Date
  readonly purpose: ChainPurpose
  readonly limits: PathLimits
  readonly verifier: Verifier
  readonly memory: SignatureMemory | undefined
  readonly trace: PathTrace | undefined
  readonly work: SearchWork
  /** For checks that only a trace asks for. */
  readonly spareWork: SearchWork
}

/** A certificate or trusted key at its place. */
export interface PathLink<Subject extends TrustAnchor = Certificate> {
  readonly subject: Subject
  readonly role: PathRole
  /** What stands below it: the target first, last the one that it is to have signed; nothing below the target. */
  readonly below: readonly Certificate[]
}

/** One rule that every link must keep. */
export interface PathCheck<Subject extends TrustAnchor = Certificate> {
  readonly name: PathCheckName
  /** @throws CertificateError when the link breaks the rule */
  readonly check: (link: PathLink<Subject>, search: PathSearch) => void
}

/** What the checks of a link said. */
export interface LinkVerdict {
  /** How many were kept before one was broken. */
  readonly passed: number
  /** Of the first that was broken. */
  readonly refusal: CertificateError | undefined
}

/** A link whose verdict is given. */
export interface JudgedLink<Subject extends TrustAnchor> {
  readonly link: PathLink<Subject>
  readonly checks: readonly PathCheck<Subject>[]
  readonly verdict: LinkVerdict
}

/**
 * Follows a search; made by `createPathTrace`. A trace changes no verdict: it learns of a link when the link is judged, and then
 * makes the checks behind the first refusal from a budget of their own.
 */
export interface PathTrace {
  readonly tell: (event: PathEvent) => void
  readonly judged: <Subject extends TrustAnchor>(judged: JudgedLink<Subject>, search: PathSearch) => void
}
