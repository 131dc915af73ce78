import { nobleVerifier, type Verifier } from '@meshid/keys'
import type { CertificateError } from '../errors.ts'
import { Certificate } from '../parse/certificate.ts'
import { requiredUsages } from '../path/check-extended-key-usage.ts'
import { type PathLimits, pathLimits } from '../path/path-limits.ts'
import type { TrustAnchors } from '../path/trust-anchors.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import type { ChainPurpose } from '../path/verified-chain.ts'
import { checkSize } from '../path/verify-chain.ts'
import { adviseOn, reasonOf } from './advice.ts'
import { unreadableAdvice, type UnreadablePlace } from './bytes-advice.ts'
import { explanationLimits } from './explain-limits.ts'
import type { ExplainedReason, Explanation } from './explanation.ts'
import type { Finding } from './finding.ts'
import { listAnchors, listChain, placesOf } from './listing.ts'
import { otherVerifiers } from './other-verifiers.ts'
import { attempt, type Given, type GivenAnchors, readAnchors, readGiven } from './read-given.ts'
import { type Search, searchPaths } from './search-paths.ts'

export { explanationLimits }

/** What {@link explain} explains. */
export interface ExplainInput {
  /** What was sent, the certificate in question first; DER that may be broken, or parsed. */
  readonly chain: readonly (Certificate | Uint8Array)[]
  /** What is trusted; DER that may be broken, parsed, or trusted keys. */
  readonly trustAnchors: TrustAnchors | readonly (TrustAnchor | Uint8Array)[]
  readonly now: Date
  readonly purpose: ChainPurpose
}

/** Options of {@link explain}. */
export interface ExplainOptions {
  /** Checks the signatures; `nobleVerifier` by default, which does not know RSA. */
  readonly verifier?: Verifier | undefined
  /** As for `verifyChain`. */
  readonly limits?: Partial<PathLimits> | undefined
}

/**
 * Explains what `verifyChain` says of a chain: every path that is tried, each check with its evidence, what to act on first and
 * what to do. The verdict and its code are those of `verifyChain`, after reading the chain and then the anchors.
 *
 * It is for people who repair things: nothing becomes trusted by an explanation. It costs about two verifications; what a peer
 * could make large is cut at {@link explanationLimits} and counted.
 *
 * @throws TypeError, RangeError for arguments that types already refuse; never for what a peer sent
 * @see RFC 5280 section 6, RFC 4158
 * @example
 * console.log(formatExplanation(explain({ chain: [leafDer, issuerDer], trustAnchors: [rootDer], now, purpose: 'leaf' })))
 */
export function explain(input: ExplainInput, options: ExplainOptions = {}): Explanation {
  const { now, purpose } = input
  if (!Number.isFinite(now.getTime())) throw new RangeError('now: expected a valid Date, found an invalid one')
  if (!Object.hasOwn(requiredUsages, purpose))
    throw new RangeError(`purpose: expected one of the four, found ${purpose}`)
  const limits = pathLimits(options.limits)
  const anchors = readAnchors(input.trustAnchors)
  const sizes = input.chain.map((item) => (item instanceof Uint8Array ? { der: item } : item))
  const tooLong = attempt(() => checkSize(sizes, limits))
  const items = tooLong === undefined ? input.chain : input.chain.slice(0, explanationLimits.certificates)
  const chain = items.map(readGiven)
  const search = searchPaths({
    chain: certificatesOf(chain),
    trustAnchors: tooLong === undefined ? anchors.trustAnchors : undefined,
    isTargetRead: chain[0]?.subject !== undefined || chain.length === 0,
    now,
    purpose,
    limits,
    verifier: options.verifier ?? nobleVerifier,
  })
  const cut = input.chain.length - Math.min(items.length, explanationLimits.certificates)
  return assemble({ ...input, chain, anchors, tooLong, search, cut })
}

/** Everything that was found out. */
interface Findings {
  readonly chain: readonly Given[]
  readonly anchors: GivenAnchors
  readonly tooLong: CertificateError | undefined
  readonly search: Search
  readonly now: Date
  readonly purpose: ChainPurpose
  /** How many certificates are not listed. */
  readonly cut: number
}

function assemble(findings: Findings): Explanation {
  const { chain, anchors, search, now, purpose } = findings
  const reasons = reasonsOf(findings)
  const [reason, ...more] = reasons
  const deciding = firstErrorOf(findings)
  if (deciding !== undefined) search.tree.decide(deciding)
  const { tree, links, paths } = search.tree.cut(placesOf(chain, anchors.given))
  const listed = listAnchors(anchors.given, search.tree, certificatesOf(chain))
  const isSearchCut = search.refusals.some(({ code }) => code === 'CERT_SEARCH_LIMIT')
  return Object.freeze({
    verdict: deciding === undefined ? 'accepted' : 'refused',
    purpose,
    now: now.toISOString(),
    reason,
    more: Object.freeze(more.slice(0, explanationLimits.moreReasons)),
    rules: Object.freeze([]),
    chain: listChain(chain),
    trustAnchors: listed,
    tree,
    cut: Object.freeze({
      links,
      paths,
      trustAnchors: anchors.given.length - listed.length,
      certificates: findings.cut,
      isSearchCut,
    }),
    otherVerifiers: otherVerifiers({
      finding: deciding && findingOf(deciding, findings),
      isOnlyReason: more.length === 0,
      anchor: deciding === undefined ? search.anchor : undefined,
      isDetour: search.isDetour,
    }),
  })
}

/** The refusal that `verifyChain` would give, or those who read for it. */
function firstErrorOf({ tooLong, chain, anchors, search }: Findings): CertificateError | undefined {
  return tooLong ?? errorIn(chain) ?? errorIn(anchors.given) ?? anchors.refusal ?? search.refusals[0]
}

function errorIn(given: readonly Given[]): CertificateError | undefined {
  return given.find(({ error }) => error !== undefined)?.error
}

/** All reasons, the first of which is that of the verdict. */
function reasonsOf(findings: Findings): readonly ExplainedReason[] {
  const { tooLong, chain, anchors, search } = findings
  const advised = (error: CertificateError | undefined): readonly ExplainedReason[] =>
    error === undefined ? [] : [adviseOn(findingOf(error, findings))]
  const unreadable = (list: UnreadablePlace['list'], given: readonly Given[]): readonly ExplainedReason[] =>
    given.flatMap(({ error }, index) => {
      const place = { list, index, isNeedless: search.isAccepted }
      return error === undefined ? [] : [reasonOf(error, unreadableAdvice(error, place))]
    })
  const all = [
    ...advised(tooLong),
    ...unreadable('chain', chain),
    ...unreadable('trust bundle', anchors.given),
    ...advised(anchors.refusal),
    ...search.refusals.flatMap(advised),
  ]
  return all.filter(({ what }, at) => all.findIndex((other) => other.what === what) === at)
}

function findingOf(error: CertificateError, { chain, anchors, search, now, purpose }: Findings): Finding {
  const { certificates = [], keys = [] } = anchors.trustAnchors ?? {}
  const at = search.tree.originOf(error)
  return { error, at, chain: certificatesOf(chain), anchors: [...certificates, ...keys], now, purpose }
}

function certificatesOf(given: readonly Given[]): readonly Certificate[] {
  return given.flatMap(({ subject }) => (subject instanceof Certificate ? [subject] : []))
}
