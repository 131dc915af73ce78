import { instantText, standing } from './explain-times.ts'
import type { ExplainedCertificate, ExplainedReason, ExplainedRule, Explanation } from './explanation.ts'
import { formatTree } from './format-tree.ts'
import { wrapText } from './wrap-text.ts'

const LABEL_WIDTH = 14

/**
 * An explanation for people: verdict, reason and next step first, then the rules, what was sent and trusted, the tree of paths,
 * and who would differ. At most EXPLANATION_WIDTH characters wide, UTC, without colour; the layout may change, programs read the fields.
 *
 * Names are those of the certificates, cut and without control characters: the text is safe on a terminal and in a log.
 */
export function formatExplanation(explanation: Explanation<string>): string {
  const { verdict, reason, more, rules, tree, otherVerifiers, cut } = explanation
  const now = new Date(explanation.now)
  const sections = [
    [
      ...labelled(verdict === 'accepted' ? '✓ accepted' : '✗ refused', headline(explanation, now)),
      ...(reason === undefined ? [] : reasonLines(reason)),
    ],
    titled('Then also', more.flatMap(moreLines)),
    titled('Rules of SVIDs', rules.flatMap(ruleLines)),
    titled(
      'Chain, as it was sent',
      explanation.chain.flatMap((one) => certificateLines(one, now)),
    ),
    note(cut.certificates, 'certificates are not listed'),
    titled(
      'Trust bundle',
      explanation.trustAnchors.flatMap((one) => certificateLines(one, now)),
    ),
    note(cut.trustAnchors, 'trust anchors are not listed'),
    titled('Paths that were tried, from the certificate upwards', tree === undefined ? [] : formatTree(tree, now)),
    note(cut.paths, `paths are not shown, over ${cut.links} certificates`),
    cut.isSearchCut ? ['  … the search ended at its limit, so there may be more paths'] : [],
    titled(
      'Other verifiers may decide otherwise',
      otherVerifiers.flatMap(({ verifier, says, because, source }) =>
        bullet(`${verifier}: ${says}, because ${because} [${source}]`),
      ),
    ),
  ]
  return `${sections.flat().join('\n')}\n`
}

function headline({ chain, purpose }: Explanation<string>, now: Date): string {
  const [first] = chain
  const name =
    first === undefined ? 'an empty chain' : first.state === 'read' ? first.name : 'an unreadable certificate'
  return `${name}, as ${purpose}, at ${instantText(now)}`
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

function note(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`  … ${count} more ${what}`]
}

function labelled(label: string, text: string): readonly string[] {
  return wrapText(text, { first: label.padEnd(LABEL_WIDTH), rest: ' '.repeat(LABEL_WIDTH) })
}

function bullet(text: string): readonly string[] {
  return wrapText(text, { first: '  - ', rest: '    ' })
}

function reasonLines({ code, what, fix }: ExplainedReason<string>): readonly string[] {
  return [...labelled('Reason:', `${what} (${code})`), ...labelled('What to fix:', fix)]
}

function moreLines({ code, what, fix }: ExplainedReason<string>): readonly string[] {
  return bullet(`${what} ${fix} (${code})`)
}

const ruleMarks = { kept: '✓', broken: '✗', unknown: '?' } as const

function ruleLines({ rule, asks, verdict, found }: ExplainedRule): readonly string[] {
  return wrapText(`${asks}: ${found}`, { first: `  ${ruleMarks[verdict]} ${rule.padEnd(8)} `, rest: ' '.repeat(13) })
}

function certificateLines(certificate: ExplainedCertificate, now: Date): readonly string[] {
  const first = `  ${String(certificate.index).padEnd(2)} `
  const rest = ' '.repeat(first.length)
  const paragraphs = certificate.state === 'read' ? factsOf(certificate, now) : [unreadable(certificate)]
  return paragraphs.flatMap((text, at) => wrapText(text, { first: at === 0 ? first : rest, rest: `${rest}  ` }))
}

function unreadable({ bytes, message, code }: Extract<ExplainedCertificate, { state: 'unreadable' }>): string {
  return `unreadable, ${bytes} bytes: ${message} (${code})`
}

function factsOf(certificate: Extract<ExplainedCertificate, { state: 'read' }>, now: Date): readonly string[] {
  const { name, issuer, key, keyIdentifier, authorityKeyIdentifier, names } = certificate
  const signer = authorityKeyIdentifier === undefined ? '' : `, key id ${authorityKeyIdentifier}`
  const others = names.filter((one) => one !== `uri:${name}` && one !== `dns:${name}`)
  return [
    name,
    ...(others.length === 0 ? [] : [`names ${others.join(', ')}`]),
    `${key} key, key id ${keyIdentifier}`,
    ...(issuer === undefined ? [] : [issuer === name ? `self-issued${signer}` : `signed by ${issuer}${signer}`]),
    validityOf(certificate, now),
  ]
}

type Dated = Pick<Extract<ExplainedCertificate, { state: 'read' }>, 'notBefore' | 'notAfter'>

function validityOf({ notBefore, notAfter }: Dated, now: Date): string {
  const from = notBefore === undefined ? undefined : new Date(notBefore)
  const until = notAfter === undefined ? undefined : new Date(notAfter)
  if (from === undefined || until === undefined) {
    return `valid from ${from ? instantText(from) : 'always'} until ${until ? instantText(until) : 'for ever'}`
  }
  return `valid ${instantText(from)} to ${instantText(until)}, ${standing(from, until, now)}`
}
