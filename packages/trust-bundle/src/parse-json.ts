import { refusal } from './errors.ts'
import { JsonNumber, JsonObject, type JsonValue } from './json-value.ts'

/** Deepest nesting of a document; a bundle map needs six levels. */
export const MAX_JSON_DEPTH = 32

/** Longest number; 64 bits take 20 digits. */
export const MAX_JSON_NUMBER_CHARACTERS = 64

const space = new Set([' ', '\t', '\n', '\r'])
const numberCharacter = /[-+.0-9eE]/
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const literals: readonly (readonly [string, null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
]

/**
 * Reads strict JSON without losing digits of numbers or members that are there twice, which `JSON.parse` does.
 *
 * @throws TrustBundleError TRUST_BUNDLE_JSON_INVALID with `detail.offset`, in characters
 * @see RFC 8259
 */
export function parseJson(text: string): JsonValue {
  const reader = new JsonReader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonValue {
    this.#skipSpace()
    const first = this.#text.charAt(this.#at)
    if (first === '{') return this.#object(depth + 1)
    if (first === '[') return this.#array(depth + 1)
    if (first === '"') return this.#string()
    for (const [word, value] of literals) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  end(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail('the end of the document')
  }

  #object(depth: number): JsonObject {
    this.#open(depth)
    const members = new Map<string, JsonValue>()
    const duplicates: string[] = []
    if (this.#take('}')) return new JsonObject(members)
    do {
      this.#skipSpace()
      if (this.#text.charAt(this.#at) !== '"') this.#fail('the name of a member')
      const name = this.#string()
      if (!this.#take(':')) this.#fail('":"')
      if (members.has(name)) duplicates.push(name)
      members.set(name, this.value(depth))
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail('"," or "}"')
    return new JsonObject(members, duplicates)
  }

  #array(depth: number): readonly JsonValue[] {
    this.#open(depth)
    const values: JsonValue[] = []
    if (this.#take(']')) return values
    do values.push(this.value(depth))
    while (this.#take(','))
    if (!this.#take(']')) this.#fail('"," or "]"')
    return values
  }

  /** Finds where the string ends; what is between the quotes is judged and decoded by `JSON.parse`. */
  #string(): string {
    const start = this.#at
    let end = start + 1
    for (let code = this.#text.charCodeAt(end); code !== 0x22; code = this.#text.charCodeAt(end)) {
      if (end >= this.#text.length) this.#fail('the end of a string', end)
      end += code === 0x5c ? 2 : 1
    }
    this.#at = end + 1
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string
    } catch {
      return this.#fail('a string without control characters or unknown escapes', start)
    }
  }

  #number(): JsonNumber {
    const start = this.#at
    const last = start + MAX_JSON_NUMBER_CHARACTERS
    let end = start
    while (end <= last && numberCharacter.test(this.#text.charAt(end))) end += 1
    const text = this.#text.slice(start, end)
    if (end > last || !number.test(text)) this.#fail('a value', start)
    this.#at = end
    return new JsonNumber(text)
  }

  #open(depth: number): void {
    if (depth > MAX_JSON_DEPTH) this.#fail(`at most ${MAX_JSON_DEPTH} levels`)
    this.#at += 1
  }

  #take(character: string): boolean {
    this.#skipSpace()
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at += 1
    return true
  }

  #skipSpace(): void {
    while (space.has(this.#text.charAt(this.#at))) this.#at += 1
  }

  #fail(expected: string, offset: number = this.#at): never {
    const code = this.#text.codePointAt(offset)
    const found = code === undefined ? 'the end' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    throw refusal('TRUST_BUNDLE_JSON_INVALID', `document at ${offset}`, expected, found, { detail: { offset } })
  }
}
