import type { CertificateErrorDetail } from '../errors.ts'
import { instantText, standing } from './explain-times.ts'
import type { ExplainedCheck, ExplainedLink } from './explanation.ts'
import { wrapText } from './wrap-text.ts'

const INDENT = '  '
const DECIDES = ' ◄ decides'
const roles = { target: 'chain', intermediate: 'chain', anchor: 'trust bundle' } as const

/** Deepest level that is indented further; deeper ones stand below each other, so that lines keep their room. */
const MAX_INDENTED_DEPTH = 16

/** The tree of paths, one link below the other, each with its checks. */
export function formatTree(link: ExplainedLink, now: Date, depth = 0): readonly string[] {
  const indent = INDENT.repeat(1 + Math.min(depth, MAX_INDENTED_DEPTH))
  const { role, index, name, verdict, isDecisive, isOnPath, checks, noIssuer, issuers } = link
  const mark = verdict === 'passed' ? '✓' : '✗'
  const title = `${name} (${roles[role]} ${index})${endOf(link)}`
  const isHere = isDecisive && (verdict === 'refused' || noIssuer === undefined)
  const end = isHere ? DECIDES : isOnPath && role === 'anchor' ? ' ◄ trust anchor' : ''
  const nobody = `issuer: nobody has its name${isDecisive && !isHere ? DECIDES : ''}`
  return [
    ...wrapText(title + end, { first: `${indent}${mark} `, rest: `${indent}${INDENT.repeat(2)}` }),
    ...checkLines(checks, now, indent + INDENT.repeat(2)),
    ...(noIssuer === undefined ? [] : wrapText(nobody, refused(indent + INDENT.repeat(2)))),
    ...issuers.flatMap((issuer) => formatTree(issuer, now, depth + 1)),
  ]
}

function endOf({ role, checks }: ExplainedLink): string {
  const isSigner =
    role !== 'target' && checks.some(({ check, verdict }) => check === 'signature' && verdict === 'passed')
  return isSigner ? ' signed it' : ''
}

const refused = (indent: string) => ({ first: `${indent}✗ `, rest: indent + INDENT.repeat(2) })

/** What was refused, each with its evidence; of what passed, the dates and the signature; the names of the rest. */
function checkLines(checks: readonly ExplainedCheck[], now: Date, indent: string): readonly string[] {
  const isShown = ({ check, verdict }: ExplainedCheck): boolean =>
    verdict === 'refused' || (verdict === 'passed' && (check === 'validity' || check === 'signature'))
  const shown = checks.filter(isShown).flatMap(({ check, verdict, evidence, code }) => {
    const text = `${check}: ${phrase(check, evidence, now)}`
    if (verdict === 'refused') return wrapText(`${text} (${code ?? ''})`, refused(indent))
    return wrapText(text, { first: `${indent}✓ `, rest: indent + INDENT.repeat(2) })
  })
  const named = (wanted: ExplainedCheck['verdict']): string =>
    checks.flatMap((one) => (one.verdict === wanted && !isShown(one) ? [one.check] : [])).join(', ')
  const passed = named('passed')
  const notRun = named('not-run')
  return [
    ...shown,
    ...(passed === '' ? [] : wrapText(passed, { first: `${indent}✓ `, rest: indent + INDENT.repeat(2) })),
    ...(notRun === ''
      ? []
      : wrapText(`not checked: ${notRun}`, { first: `${indent}? `, rest: indent + INDENT.repeat(2) })),
  ]
}

function phrase(check: ExplainedCheck['check'], evidence: CertificateErrorDetail, now: Date): string {
  const { notBefore, notAfter } = evidence
  if (check === 'validity' && isInstant(notBefore) && isInstant(notAfter)) {
    const [from, until] = [new Date(notBefore), new Date(notAfter)]
    return `${instantText(from)} to ${instantText(until)}, ${standing(from, until, now)}`
  }
  if (check === 'signature') return signaturePhrase(evidence)
  return Object.entries(evidence)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? value.join(' ') || 'none' : String(value)}`)
    .join(', ')
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(new Date(value).getTime())
}

const relations: Readonly<Record<string, string>> = {
  same: 'key ids agree',
  unknown: 'a key id is missing',
  different: 'key ids differ',
}

function signaturePhrase({ algorithm, issuerAlgorithm, keyIdentifiers, ...ids }: CertificateErrorDetail): string {
  const relation = relations[String(keyIdentifiers)] ?? ''
  const wanted = ids['authorityKeyIdentifier']
  const between =
    keyIdentifiers === 'different' ? `: ${String(wanted)} signed, this is ${String(ids['issuerKeyIdentifier'])}` : ''
  return `${String(algorithm)}, ${String(issuerAlgorithm)} key, ${relation}${between}`
}
