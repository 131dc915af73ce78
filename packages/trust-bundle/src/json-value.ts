/** A number as its document wrote it, because a `number` would lose what is beyond 53 bits (BUNDLE-8). */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An object in which members that appeared more than once are remembered (BUNDLE-18, BUNDLE-24). */
export class JsonObject {
  readonly members: ReadonlyMap<string, JsonValue>
  readonly duplicates: readonly string[]

  constructor(members: ReadonlyMap<string, JsonValue>, duplicates: readonly string[] = []) {
    this.members = members
    this.duplicates = duplicates
  }
}

/** What a JSON text says, without any loss. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject

const short = /^[ -~]{0,32}$/

/** Says what this is, for a message: short printable strings as they are, because a stranger chose the others. */
export function describeJson(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (value instanceof JsonNumber) return 'a number'
  if (value instanceof JsonObject) return 'an object'
  if (typeof value === 'object') return 'an array'
  if (typeof value !== 'string') return `${value}`
  return short.test(value) ? JSON.stringify(value) : 'another string'
}

/** Writes a value as compact JSON; numbers are as they were read. */
export function writeJson(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text
  if (value instanceof JsonObject) {
    const members = [...value.members].map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`)
    return `{${members.join(',')}}`
  }
  if (typeof value === 'object' && value !== null) return `[${value.map(writeJson).join(',')}]`
  return JSON.stringify(value)
}
