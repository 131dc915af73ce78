import type { DistinguishedName } from './distinguished-name.ts'

/**
 * The parts of a name, outermost first, in a form in which equal parts are equal strings: letter case, runs of spaces and
 * the type of string do not count.
 *
 * For name constraints, where a difference that does not count must not let an excluded name through. Issuers are found by
 * the octets of their names.
 * @see RFC 5280 section 7.1
 */
export function canonicalParts(name: DistinguishedName): readonly string[] {
  return Object.freeze(
    name.parts.map((part) =>
      JSON.stringify(part.map(({ type, value }) => [type, canonicalValue(value)].join('=')).toSorted()),
    ),
  )
}

function canonicalValue(value: string): string {
  return value.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ')
}
