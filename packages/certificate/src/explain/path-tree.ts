import { describeCertificate, shorten } from '../describe-certificate.ts'
import type { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { CheckRecord, PathCheckName, PathEvent, PathRole } from '../path/path-event.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import { explanationLimits } from './explain-limits.ts'
import { cutDetail, keyIdentifierOf } from './explained-certificate.ts'
import type { ExplainedCheck, ExplainedLink } from './explanation.ts'

/** Where a refusal comes from. */
export interface RefusedLink {
  readonly role: PathRole
  readonly subject: TrustAnchor
  /** The target first, last the one that the subject is to have signed. */
  readonly below: readonly Certificate[]
  /** None when nobody has the name of the issuer: then the subject is the one that has none. */
  readonly check: PathCheckName | undefined
  /** What else is wrong with the same link, in the order of the checks. */
  readonly also: readonly CertificateError[]
}

interface GrowingLink {
  readonly role: PathRole
  readonly subject: TrustAnchor
  readonly parent: GrowingLink | undefined
  readonly checks: readonly ExplainedCheck[]
  readonly issuers: GrowingLink[]
  noIssuer: string | undefined
  isOnPath: boolean
  isDecisive: boolean
}

/** A tree within the limit of links, and what was left out. */
export interface CutTree {
  readonly tree: ExplainedLink | undefined
  readonly links: number
  readonly paths: number
}

/** Grows the tree of the paths that a search tries. */
export class PathTree {
  /** From the target to the link that was judged last. */
  readonly #stack: GrowingLink[] = []
  readonly #refused = new Map<CertificateError, { readonly link: GrowingLink; readonly at: RefusedLink }>()
  readonly #tried = new Set<TrustAnchor>()

  /** Takes the next event of a search. */
  grow(event: PathEvent): void {
    if (event.type === 'judged') this.#judged(event)
    else if (event.type === 'no-issuer') this.#withoutIssuer(event)
    else for (const link of this.#stack) link.isOnPath = true
  }

  /** Where a refusal was first met; nothing for refusals of no link in particular. */
  originOf(error: CertificateError): RefusedLink | undefined {
    return this.#refused.get(error)?.at
  }

  /** Says that the refusal of the chain is this one. */
  decide(error: CertificateError): void {
    const link = this.#refused.get(error)?.link
    if (link !== undefined) link.isDecisive = true
  }

  /** Whether somebody was tried at all. */
  hasTried(anchor: TrustAnchor): boolean {
    return this.#tried.has(anchor)
  }

  /** Whether anybody was tried above the target. */
  get hasIssuers(): boolean {
    const [root] = this.#stack
    return root !== undefined && (root.issuers.length > 0 || root.noIssuer !== undefined)
  }

  #judged({ below, subject, role, checks }: Extract<PathEvent, { type: 'judged' }>): void {
    const parent = this.#stack[below.length - 1]
    const records = checks.map(explainCheck)
    const link = { role, subject, parent, checks: records, issuers: [], noIssuer: undefined }
    const grown: GrowingLink = { ...link, isOnPath: false, isDecisive: false }
    parent?.issuers.push(grown)
    this.#stack.splice(below.length, Infinity, grown)
    this.#tried.add(subject)
    const refusals = checks.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]))
    for (const { check, refusal } of checks) {
      if (refusal === undefined || this.#refused.has(refusal)) continue
      const also = refusals.filter((other) => other !== refusal)
      this.#refused.set(refusal, { link: grown, at: { role, subject, below, check, also } })
    }
  }

  #withoutIssuer({ below, refusal }: Extract<PathEvent, { type: 'no-issuer' }>): void {
    const link = this.#stack[below.length - 1]
    const subject = below.at(-1)
    if (link === undefined || subject === undefined) return
    link.noIssuer = shorten(refusal.message)
    const at = { role: link.role, subject, below: below.slice(0, -1), check: undefined, also: [] }
    this.#refused.set(refusal, { link, at })
  }

  /** The tree, its links numbered by the places of their certificates. */
  cut(placeOf: (subject: TrustAnchor, role: PathRole) => number): CutTree {
    const [root] = this.#stack
    if (root === undefined) return { tree: undefined, links: 0, paths: 0 }
    const all = preorder(root)
    const kept = keptOf(all)
    const left = all.filter((link) => !kept.has(link))
    const tree = freezeLink(root, kept, placeOf)
    return { tree, links: left.length, paths: left.filter(({ issuers }) => issuers.length === 0).length }
  }
}

function explainCheck({ check, verdict, evidence, refusal }: CheckRecord): ExplainedCheck {
  const told = { code: refusal?.code, message: refusal && shorten(refusal.message) }
  return Object.freeze({ check, verdict, evidence: cutDetail(evidence), ...told })
}

function preorder(link: GrowingLink): readonly GrowingLink[] {
  return [link, ...link.issuers.flatMap(preorder)]
}

/** The path that was found and the one that decides first, then as many others as there is room for. */
function keptOf(all: readonly GrowingLink[]): ReadonlySet<GrowingLink> {
  const kept = new Set<GrowingLink>()
  for (const link of all) {
    if (!link.isOnPath && !link.isDecisive) continue
    for (let at: GrowingLink | undefined = link; at !== undefined; at = at.parent) kept.add(at)
  }
  for (const link of all) {
    if (kept.size >= explanationLimits.links) break
    kept.add(link)
  }
  return kept
}

function freezeLink(
  link: GrowingLink,
  kept: ReadonlySet<GrowingLink>,
  placeOf: (subject: TrustAnchor, role: PathRole) => number,
): ExplainedLink {
  const { role, subject, checks, noIssuer, isOnPath, isDecisive } = link
  return Object.freeze({
    role,
    index: placeOf(subject, role),
    name: describeCertificate(subject),
    keyIdentifier: keyIdentifierOf(subject),
    verdict: checks.some(({ verdict }) => verdict === 'refused') ? 'refused' : 'passed',
    isOnPath,
    isDecisive,
    checks: Object.freeze(checks),
    issuers: Object.freeze(link.issuers.filter((one) => kept.has(one)).map((one) => freezeLink(one, kept, placeOf))),
    noIssuer,
  })
}
