/** The longest part of a token that is decoded, in characters; a token is no longer anyway. */
const MAX_PART_LENGTH = 16_384

/** What a JWT says about itself. Nothing is verified: anybody can write it. */
export interface UnverifiedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * Reads the header and the payload of a JWT in compact form; undefined when the token is none.
 *
 * Trust: none. What it says may shorten or refuse something, never lengthen or allow it. No regular expression touches the
 * token, because engines keep the last text that one was matched against.
 *
 * @see RFC 7519 section 7.2, RFC 7515 section 2 (base64url without padding)
 */
export function readUnverifiedToken(token: string): UnverifiedToken | undefined {
  const [header, payload, signature, ...rest] = token.split('.', 4)
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined
  const head = readPart(header)
  const body = readPart(payload)
  return head === undefined || body === undefined ? undefined : { header: head, payload: body }
}

/** The `exp` of a JWT: `none` when it has no such claim or the token is no JWT, `malformed` when it is no instant. */
export function unverifiedExpiry(token: string): Date | 'none' | 'malformed' {
  const exp = readUnverifiedToken(token)?.payload['exp']
  if (exp === undefined) return 'none'
  if (typeof exp !== 'number' || !(Math.abs(exp) <= 8_640_000_000_000)) return 'malformed'
  return new Date(exp * 1000)
}

function readPart(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64url(part)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

function decodeBase64url(text: string): Uint8Array | undefined {
  if (text === '' || text.length > MAX_PART_LENGTH || text.length % 4 === 1) return undefined
  if (text.includes('+') || text.includes('/') || text.includes('=')) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
