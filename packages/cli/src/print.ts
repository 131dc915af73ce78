import type { CliIo } from './io.ts'

/** One fact for people. */
export type Fact = readonly [label: string, value: string]

/** As wide as the labels of `inspectCertificate`, so that facts of both stand in one column. */
const LABEL_WIDTH = 20

/** Makes a text safe for a terminal: what cannot be seen, or would move the cursor, is written as its code point. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Prints one `label: value` line for each fact. */
export function printFacts(facts: readonly Fact[], io: CliIo): void {
  io.out(facts.map(([label, value]) => `${`${label}:`.padEnd(LABEL_WIDTH)} ${printable(value)}\n`).join(''))
}

/** Prints a value as JSON for programs; what cannot be seen is escaped there too. */
export function printJson(value: unknown, io: CliIo): void {
  const json = JSON.stringify(value, undefined, 2)
  io.out(`${json.replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, escapeUnits)}\n`)
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}

/** Tells on standard error what should not be missed, but is no reason to stop. */
export function note(text: string, io: CliIo): void {
  io.err(`meshid: note: ${printable(text)}\n`)
}

/** An instant for people: UTC, in whole seconds. */
export function formatInstant(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** Lower-case hexadecimal without separators. */
export function formatHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
