import {
  type Certificate,
  CertificateError,
  explain,
  type ExplainedReason,
  type ExplainedRule,
  type Explanation,
  explanationLimits,
  parseCertificate,
} from '@meshid/certificate'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import type { TrustBundle } from '@meshid/trust-bundle'
import { svidErrorCodes, SvidError, type SvidErrorCode } from './errors.ts'
import { otherSvidVerifiers } from './other-svid-verifiers.ts'
import { explainRule, idOf, type SvidRule, svidRules } from './svid-rules.ts'
import { verifySvid, type VerifySvidInput } from './verify-svid.ts'

/** Options of {@link explainSvid}. */
export interface ExplainSvidOptions {
  /** Checks the signatures; `nobleVerifier` of @meshid/keys by default, which does not know RSA. */
  readonly verifier?: Verifier | undefined
}

/** Why an X.509-SVID is accepted or refused; `formatExplanation` of @meshid/certificate prints it. */
export type SvidExplanation = Explanation<SvidErrorCode>

type Reason = ExplainedReason<SvidErrorCode | CertificateError['code']>

/**
 * Explains what `verifySvid` says of a chain: every rule of leaves by itself, the bundle that counts, then all that `explain`
 * of @meshid/certificate tells of the paths to its authorities. Verdict and code are those of `verifySvid`.
 *
 * Nothing becomes trusted by an explanation. It costs about three verifications, so it is for refusals that somebody reads.
 *
 * @throws TypeError, RangeError for arguments that types already refuse; never for what a peer sent
 * @see SPIFFE X509-SVID section 5; rules X509-1 to X509-36
 */
export function explainSvid(input: VerifySvidInput, options: ExplainSvidOptions = {}): SvidExplanation {
  const { verifier = nobleVerifier } = options
  const refusal = refusalOf(input, verifier)
  const leaf = leafOf(input)
  const bundle = bundleOf(input, leaf)
  const { chain, now, purpose } = input
  const anchors = bundle?.trustAnchors
  const path = explain({ chain, trustAnchors: anchors ?? [], now, purpose: `leaf-${purpose}` }, options)
  const rules = leaf === undefined ? [] : rulesOf(leaf, input, { bundle, path })
  const reason = refusal && reasonOf(refusal, { leaf, path, bundle, input })
  return Object.freeze({
    ...path,
    verdict: refusal === undefined ? 'accepted' : 'refused',
    reason,
    more: Object.freeze(moreOf(reason, path, leaf, anchors !== undefined)),
    rules: Object.freeze(rules),
    otherVerifiers: Object.freeze(differencesOf({ refusal, leaf, path, input, options })),
  })
}

function refusalOf(input: VerifySvidInput, verifier: Verifier): SvidError | undefined {
  try {
    verifySvid(input, { verifier })
    return undefined
  } catch (error) {
    if (error instanceof SvidError) return error
    throw error
  }
}

function leafOf({ chain: [first] }: VerifySvidInput): Certificate | undefined {
  if (!(first instanceof Uint8Array)) return first
  try {
    return parseCertificate(first)
  } catch (error) {
    if (error instanceof CertificateError) return undefined
    throw error
  }
}

function bundleOf({ bundles }: VerifySvidInput, leaf: Certificate | undefined): TrustBundle | undefined {
  const id = leaf && idOf(leaf)
  return id && bundles.get(id.trustDomain)
}

interface Found {
  readonly bundle: TrustBundle | undefined
  readonly path: Explanation
}

function rulesOf(leaf: Certificate, input: VerifySvidInput, { bundle, path }: Found): readonly ExplainedRule[] {
  const domain = idOf(leaf)?.trustDomain
  const known = bundleText(input, bundle)
  const hasAnchors = bundle?.trustAnchors !== undefined
  const verdict = hasAnchors ? (path.verdict === 'accepted' ? 'kept' : 'broken') : 'unknown'
  return [
    ...svidRules.map((rule) => explainRule(rule, leaf)),
    Object.freeze({
      rule: bundle === undefined ? 'X509-28' : 'X509-29',
      asks: `there is a bundle of its own trust domain`,
      verdict: domain === undefined ? ('unknown' as const) : hasAnchors ? ('kept' as const) : ('broken' as const),
      found: domain === undefined ? 'cannot be said' : `${domain.name}: ${known}`,
    }),
    Object.freeze({
      rule: 'X509-26',
      asks: 'a path leads to one of its authorities',
      verdict,
      found: verdict === 'unknown' ? 'cannot be said' : (path.reason?.code ?? 'see below'),
    }),
  ]
}

function bundleText({ bundles }: VerifySvidInput, bundle: TrustBundle | undefined): string {
  if (bundle === undefined) {
    const names = [...bundles].map(({ trustDomain }) => trustDomain.name)
    const shown = names.slice(0, explanationLimits.values).join(', ')
    return names.length === 0 ? 'none, nor any other' : `none; there are bundles of ${shown}`
  }
  if (bundle.isEmpty) return 'empty, which distrusts all of it'
  const count = bundle.x509Authorities.length
  return count === 0 ? 'with keys for tokens only' : `${count} ${count === 1 ? 'authority' : 'authorities'}`
}

interface Known extends Found {
  readonly leaf: Certificate | undefined
  readonly input: VerifySvidInput
}

/** The words of a broken rule, of the path, of the bundles, or of the code. */
function reasonOf(error: SvidError, { leaf, path, bundle, input }: Known): ExplainedReason<SvidErrorCode> {
  const { code, detail } = error
  const broken = leaf && svidRules.find((rule) => explainRule(rule, leaf).verdict === 'broken')
  if (leaf !== undefined && broken?.code === code) return Object.freeze({ ...reasonOfRule(broken, leaf), code, detail })
  const isOfPath = detail['certificate'] === path.reason?.code || code.startsWith('SVID_CHAIN_')
  if (isOfPath && path.reason !== undefined) return Object.freeze({ ...path.reason, code })
  if (code === 'SVID_PUBLIC_KEY_INVALID') {
    const what = `The public key of the leaf: expected ${String(detail['expected'])}, found ${String(detail['found'])}.`
    return Object.freeze({ code, what, fix: svidErrorCodes[code], detail })
  }
  const trustDomain = String(detail['expected'])
  const what = `The SVID is of the trust domain ${trustDomain}; its bundle: ${bundleText(input, bundle)}.`
  return Object.freeze({ code, what, fix: fixOf(code, trustDomain), detail })
}

function reasonOfRule(rule: SvidRule, leaf: Certificate): ExplainedReason<SvidErrorCode> {
  const { asks, found, rule: id } = explainRule(rule, leaf)
  const what = `Rule ${id} asks that ${asks}; found: ${found}.`
  return Object.freeze({ code: rule.code, what, fix: rule.fix(leaf), detail: Object.freeze({}) })
}

function fixOf(code: SvidErrorCode, trustDomain: string): string {
  if (code !== 'SVID_BUNDLE_MISSING') return svidErrorCodes[code]
  return `Add the bundle of ${trustDomain} if its workloads are welcome here (federation); else refuse it, as now.`
}

/** What comes next: other rules, then the path; not what only says again that there is nothing to end at. */
function moreOf(
  reason: Reason | undefined,
  path: Explanation,
  leaf: Certificate | undefined,
  hasAnchors: boolean,
): readonly Reason[] {
  if (reason === undefined) return []
  const broken = leaf === undefined ? [] : svidRules.filter((rule) => explainRule(rule, leaf).verdict === 'broken')
  const ofRules = broken.map((rule): Reason => reasonOfRule(rule, leaf as Certificate))
  const ofPath = hasAnchors && path.reason !== undefined ? [path.reason, ...path.more] : []
  const said = new Set(broken.map(({ code }) => code.replace(/^SVID_/, 'CERT_')))
  return [...ofRules, ...ofPath]
    .filter(({ what, code }) => what !== reason.what && code !== reason.code && !said.has(code))
    .slice(0, explanationLimits.moreReasons)
}

interface Decided {
  readonly refusal: SvidError | undefined
  readonly leaf: Certificate | undefined
  readonly path: Explanation
  readonly input: VerifySvidInput
  readonly options: ExplainSvidOptions
}

function differencesOf({ refusal, leaf, path, input, options }: Decided): SvidExplanation['otherVerifiers'] {
  if (refusal === undefined) return path.otherVerifiers
  const isOfPath = refusal.detail['certificate'] === path.reason?.code
  const own = isOfPath ? path.otherVerifiers : []
  if (leaf === undefined) return own
  const isTrustedElsewhere = leadsElsewhere(refusal.code, leaf, input, options)
  return [...own, ...otherSvidVerifiers({ code: refusal.code, leaf, isTrustedElsewhere })]
}

const strangers: readonly SvidErrorCode[] = ['SVID_BUNDLE_MISSING', 'SVID_UNKNOWN_AUTHORITY', 'SVID_SIGNATURE_INVALID']

/** Whether a bundle of another trust domain would do, which is what a pool of all roots amounts to. */
function leadsElsewhere(
  code: SvidErrorCode,
  leaf: Certificate,
  { bundles, chain, now, purpose }: VerifySvidInput,
  options: ExplainSvidOptions,
): boolean {
  if (!strangers.includes(code)) return false
  const own = idOf(leaf)?.trustDomain.name
  const others = [...bundles].filter(({ trustDomain }) => trustDomain.name !== own).slice(0, explanationLimits.values)
  return others.some(({ trustAnchors }) => {
    if (trustAnchors === undefined) return false
    return explain({ chain, trustAnchors, now, purpose: `leaf-${purpose}` }, options).verdict === 'accepted'
  })
}
