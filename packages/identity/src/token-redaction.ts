import { IdentityError, type IdentityErrorDetail } from './errors.ts'

/** How much of a token tells it from all other text; a shorter one is no secret, and might be part of an innocent word. */
const TOKEN_START_LENGTH = 16

/** How many values of an error are looked at, and how deep below it. */
const MAX_VALUES = 1000
const MAX_DEPTH = 6

/** Takes the token of one request out of texts. */
export type TokenRedaction = (text: string) => string

/** Made once, because making one takes longer than decoding. */
const latin1: TextDecoder = /* @__PURE__ */ new TextDecoder('latin1')

const REDACTED = '[redacted]'

/** Every JSON object begins with these letters in base64url. */
const JSON_WEB_TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

const withoutJsonWebTokens: TokenRedaction = (text) => text.replace(JSON_WEB_TOKEN, REDACTED)

/**
 * Makes the redaction of a token. It goes by the token's beginning, because texts may hold a part of it; all that could
 * be the rest of it goes too. Whatever looks like a JSON web token goes as well, whosever it is.
 */
export function redactionOf(token: Uint8Array): TokenRedaction {
  if (token.length < TOKEN_START_LENGTH) return withoutJsonWebTokens
  const start = latin1.decode(token.subarray(0, TOKEN_START_LENGTH))
  return (text) => {
    if (!text.includes(start)) return withoutJsonWebTokens(text)
    const [first = '', ...after] = text.split(start)
    const without = after.map((rest) => REDACTED + rest.replace(/^[\w.~+/=-]*/, ''))
    return withoutJsonWebTokens(first + without.join(''))
  }
}

/** The same refusal without the token: in its message, its detail, and whatever is below it, which is left out if it tells. */
export function withoutToken(error: IdentityError, redact: TokenRedaction): IdentityError {
  const { code, message, cause } = error
  const detail = redactDetail(error.detail, redact)
  const keepsCause = !tells(cause, redact)
  if (keepsCause && redact(message) === message && detail === error.detail) return error
  return new IdentityError(code, redact(message), { detail, ...(keepsCause && cause !== undefined ? { cause } : {}) })
}

function redactDetail(detail: IdentityErrorDetail, redact: TokenRedaction): IdentityErrorDetail {
  const clean = Object.entries(detail).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' ? redact(value) : value,
  ])
  const redacted = Object.fromEntries(clean) as IdentityErrorDetail
  return JSON.stringify(redacted) === JSON.stringify(detail) ? detail : redacted
}

/** Whether a value, or anything in it, says the token. Of errors everything counts, what is not enumerable too. */
function tells(root: unknown, redact: TokenRedaction): boolean {
  const seen = new Set<object>()
  const look = (value: unknown, depth: number): boolean => {
    if (typeof value === 'string') return redact(value) !== value
    if (typeof value !== 'object' || value === null || seen.has(value)) return false
    if (depth > MAX_DEPTH || seen.size > MAX_VALUES) return false
    seen.add(value)
    return Object.getOwnPropertyNames(value).some((name) => look(propertyOf(value, name), depth + 1))
  }
  return look(root, 0)
}

/** Data alone: a getter might do anything. */
function propertyOf(value: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
