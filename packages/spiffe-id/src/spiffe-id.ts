import type { SpiffeIdError } from './errors.ts'
import {
  endOfTrustDomain,
  isPlainSpiffeId,
  MAX_SPIFFE_ID_BYTES,
  MAX_TRUST_DOMAIN_BYTES,
  refuseLength,
  refuseSpiffeId,
  refuseTrustDomain,
  scanSpiffeId,
  SPIFFE_SCHEME,
} from './scan-spiffe-id.ts'

/** Only this module holds it, so only its parsers can make a value (ID-29). */
const mint: unique symbol = Symbol('mint')
let newTrustDomain: (name: string) => TrustDomain
let newSpiffeId: (text: string, end: number) => SpiffeId

const checkMint = (key: symbol, how: string): void => {
  if (key !== mint) throw new TypeError(`this class has no public constructor; use ${how}`)
}

/**
 * The name of a trust domain: 1 to 255 bytes of a-z, 0-9, ".", "-" and "_"; frozen, and made only by this package.
 *
 * It need not be a DNS name and is never treated as one (ID-12); that a domain is trusted is said elsewhere.
 *
 * @see SPIFFE-ID section 2.1; rules ID-5 to ID-12, ID-29
 */
export class TrustDomain {
  readonly name: string
  readonly #name: string

  static {
    newTrustDomain = (name) => new TrustDomain(mint, name)
  }

  private constructor(key: typeof mint, name: string) {
    checkMint(key, 'parseTrustDomain')
    this.name = name
    this.#name = name
    Object.freeze(this)
  }

  /** The SPIFFE ID of the trust domain itself, which has no path (ID-15, ID-32). */
  get id(): SpiffeId {
    return newSpiffeId(SPIFFE_SCHEME + this.name, SPIFFE_SCHEME.length + this.name.length)
  }

  /** Says whether both are the same name, byte for byte (ID-19). */
  equals(other: TrustDomain): boolean {
    return #name in other && other.#name === this.#name
  }

  toString(): string {
    return this.name
  }

  toJSON(): string {
    return this.name
  }
}

/**
 * A valid SPIFFE ID; frozen, and made only by this package.
 *
 * Valid says nothing about who may use it: trust comes from the SVID that carries it (ID-30).
 *
 * @see SPIFFE-ID section 2; rules ID-1 to ID-29
 */
export class SpiffeId {
  readonly trustDomain: TrustDomain
  /** Empty, or `/a/b`: begins with "/", never ends with it. */
  readonly path: string
  readonly #text: string

  static {
    newSpiffeId = (text, end) => new SpiffeId(mint, text, end)
  }

  private constructor(key: typeof mint, text: string, end: number) {
    checkMint(key, 'parseSpiffeId')
    this.#text = text
    this.trustDomain = newTrustDomain(text.slice(SPIFFE_SCHEME.length, end))
    this.path = text.slice(end)
    Object.freeze(this)
  }

  /** The parts of the path between its slashes; empty for the ID of a trust domain. */
  get segments(): readonly string[] {
    return Object.freeze(this.path === '' ? [] : this.path.slice(1).split('/'))
  }

  /** Says whether both are the same ID, byte for byte; nothing is normalised (ID-19). */
  equals(other: SpiffeId): boolean {
    return #text in other && other.#text === this.#text
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

/** How {@link parseSpiffeId} reads. */
export interface ParseSpiffeIdOptions {
  /** The longest text to accept, in bytes: {@link MAX_SPIFFE_ID_BYTES} (the default, and the least by ID-23) or more. */
  readonly maxLength?: number
}

/** Caller bugs are no refusals: a value that is no string never reaches the grammar. */
export const checkString = (value: unknown, what: string): void => {
  if (typeof value !== 'string') throw new TypeError(`expected ${what} as a string, found ${typeof value}`)
}

/**
 * Parses a SPIFFE ID such as `spiffe://example.org/ns/default/sa/web` exactly as it is written: nothing is trimmed,
 * decoded, lowercased or resolved.
 *
 * No trust is gained: the ID is well-formed, not proven; see the SVID that carries it.
 *
 * @param text the whole ID, at most `maxLength` bytes, trust domain at most 255 bytes whatever `maxLength` is
 * @throws {SpiffeIdError} SPIFFE_ID_TOO_LONG, SPIFFE_ID_SCHEME_INVALID, SPIFFE_ID_SCHEME_UPPERCASE,
 * SPIFFE_ID_TRUST_DOMAIN_EMPTY, SPIFFE_ID_TRUST_DOMAIN_TOO_LONG, SPIFFE_ID_TRUST_DOMAIN_UPPERCASE,
 * SPIFFE_ID_TRUST_DOMAIN_CHARACTER, SPIFFE_ID_USERINFO, SPIFFE_ID_PORT, SPIFFE_ID_PERCENT_ENCODING, SPIFFE_ID_QUERY,
 * SPIFFE_ID_FRAGMENT, SPIFFE_ID_PATH_CHARACTER, SPIFFE_ID_EMPTY_SEGMENT, SPIFFE_ID_DOT_SEGMENT, SPIFFE_ID_TRAILING_SLASH
 * @throws {RangeError} when `maxLength` is below 2048 (ID-23)
 * @see SPIFFE-ID section 2; rules ID-1 to ID-26
 * @example
 * const { trustDomain, path } = parseSpiffeId('spiffe://example.org/ns/default/sa/web')
 */
export const parseSpiffeId = (text: string, options: ParseSpiffeIdOptions = {}): SpiffeId => {
  checkString(text, 'a SPIFFE ID')
  const { maxLength = MAX_SPIFFE_ID_BYTES } = options
  if (!Number.isSafeInteger(maxLength) || maxLength < MAX_SPIFFE_ID_BYTES) {
    throw new RangeError(`maxLength is ${maxLength}, but a parser supports at least ${MAX_SPIFFE_ID_BYTES} bytes`)
  }
  const slash = isPlainSpiffeId(text) ? text.indexOf('/', SPIFFE_SCHEME.length) : undefined
  if (slash !== undefined) return newSpiffeId(text, slash < 0 ? text.length : slash)
  const end = scanSpiffeId(text, maxLength)
  if (end < 0) throw refuseSpiffeId(text, ~end, maxLength)
  return newSpiffeId(text, end)
}

const refuseName = (name: string, end: number): SpiffeIdError =>
  end > MAX_TRUST_DOMAIN_BYTES
    ? refuseLength('SPIFFE_ID_TRUST_DOMAIN_TOO_LONG', name.length, MAX_TRUST_DOMAIN_BYTES)
    : refuseTrustDomain(name, 0, end)

/**
 * Parses the bare name of a trust domain such as `example.org`.
 *
 * No trust is gained: that this domain is trusted is said by a trust bundle.
 *
 * @param name the name alone, at most 255 bytes; for a whole SPIFFE ID see trustDomainOf
 * @throws {SpiffeIdError} SPIFFE_ID_TRUST_DOMAIN_EMPTY, SPIFFE_ID_TRUST_DOMAIN_TOO_LONG,
 * SPIFFE_ID_TRUST_DOMAIN_UPPERCASE, SPIFFE_ID_TRUST_DOMAIN_CHARACTER, SPIFFE_ID_USERINFO, SPIFFE_ID_PORT,
 * SPIFFE_ID_PERCENT_ENCODING, SPIFFE_ID_QUERY, SPIFFE_ID_FRAGMENT
 * @see SPIFFE-ID section 2.1; rules ID-8 to ID-12, ID-20, ID-25
 */
export const parseTrustDomain = (name: string): TrustDomain => {
  checkString(name, 'a trust domain')
  const end = endOfTrustDomain(name, 0)
  if (end === 0 || end < name.length || end > MAX_TRUST_DOMAIN_BYTES) throw refuseName(name, end)
  return newTrustDomain(name)
}
