import { TokenReviewError } from './errors.ts'

/** An object of an answer, not yet looked into. */
export type JsonRecord = Readonly<Record<string, unknown>>

/** An object, or an empty one where the field is absent or null (Go omits empty structs). */
export function readRecord(value: unknown, field: string): JsonRecord {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongField(field, 'an object', value)
  return value as JsonRecord
}

/** A string that may be absent (Go omits empty strings). */
export function readString(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw wrongField(field, 'a string', value)
  return value
}

/** A boolean; absent means false. */
export function readBoolean(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw wrongField(field, 'a boolean', value)
  return value
}

/** A frozen list of strings; absent means empty. */
export function readStrings(value: unknown, field: string): readonly string[] {
  if (value === undefined || value === null) return Object.freeze([])
  if (!Array.isArray(value)) throw wrongField(field, 'a list', value)
  return Object.freeze(
    value.map((item: unknown, index) => {
      if (typeof item !== 'string') throw wrongField(`${field}[${index}]`, 'a string', item)
      return item
    }),
  )
}

/** The refusal of an answer: says what was expected where, and the type of what was there, never its value. */
export function wrongField(field: string, expected: string, value: unknown): TokenReviewError {
  const found = describe(value)
  return new TokenReviewError(
    'TOKEN_REVIEW_RESPONSE_INVALID',
    `answer of the API server: expected ${expected} in ${field}, found ${found}`,
    { detail: { field, expected, found } },
  )
}

function describe(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'another text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
