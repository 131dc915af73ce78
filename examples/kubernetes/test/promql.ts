/** One `label="value"` of an expression. */
export interface Matcher {
  readonly metric: string
  readonly label: string
  readonly value: string
}

const words: ReadonlySet<string> = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'and',
  'or',
  'unless',
  'group_left',
  'bool',
  'offset',
])

/** The metrics that a PromQL expression reads; a malformed one throws. Enough of the language for our own rules, and no more. */
export function metricsIn(expr: string): readonly string[] {
  const bare = withoutStrings(expr)
  checkBrackets(bare)
  const code = bare.replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ').replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
  const names = [...code.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])/g)].map(([name]) => name)
  return [...new Set(names.filter((name) => !words.has(name)))]
}

/** The exact matchers of an expression. */
export function matchersIn(expr: string): readonly Matcher[] {
  return [...expr.matchAll(/([a-zA-Z_]\w*)\{([^}]*)\}/g)].flatMap(([, metric = '', inside = '']) =>
    [...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => ({ metric, label, value })),
  )
}

function withoutStrings(expr: string): string {
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  if ((bare.replaceAll('""', '').match(/"/g) ?? []).length > 0) throw new Error(`a string without an end: ${expr}`)
  return bare
}

function checkBrackets(code: string): void {
  const open: string[] = []
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
  for (const [character] of code.matchAll(/[()[\]{}]/g)) {
    const opening = pairs[character]
    if (opening === undefined) open.push(character)
    else if (open.pop() !== opening) throw new Error(`a ${character} too many: ${code}`)
  }
  if (open.length > 0) throw new Error(`a ${open.join(' ')} without an end: ${code}`)
}
