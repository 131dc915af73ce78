import { DerError, DerReader, Tag } from '@meshid/der'
import type { Sha256 } from './digest.ts'
import { KeysError, refusal } from './errors.ts'
import type { KeyAlgorithm } from './key-algorithm.ts'
import { checkPoint } from './point.ts'
import { spkiShapes } from './spki.ts'
import { rejectOrReadRsa } from './uncommon-spki.ts'

/** Longest SubjectPublicKeyInfo that is read: RSA with 8192 bits has 1,062 bytes. */
export const MAX_PUBLIC_KEY_BYTES = 2048

/** Only this module makes public keys. */
let createPublicKey: (
  algorithm: KeyAlgorithm,
  bytes: Uint8Array,
  start: number,
  end: number,
  rawStart: number,
) => PublicKey

/** The key's identifier, computed once, by the key's own hash if it has one; the package does not export this. */
export let rememberedIdentifier: (
  key: PublicKey,
  compute: (raw: Uint8Array, sha256: Sha256 | undefined) => Uint8Array,
) => Uint8Array

let setSha256: (key: PublicKey, sha256: Sha256 | undefined) => void
let setOwn: (key: PublicKey) => void
let isOwn: (key: PublicKey) => boolean

/**
 * A public key in the one encoding that it can have here, so equal keys have equal `spki`.
 *
 * Nothing is proven: whoever sent it may not own the private key; see `proveKey`. Only `parsePublicKey` and
 * `readPublicKey` make one.
 */
export class PublicKey {
  readonly #algorithm: KeyAlgorithm
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  readonly #rawStart: number
  #spki: Uint8Array | undefined
  #identifier: Uint8Array | undefined
  #sha256: Sha256 | undefined
  #isOwn = false

  private constructor(algorithm: KeyAlgorithm, bytes: Uint8Array, start: number, end: number, rawStart: number) {
    this.#algorithm = algorithm
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#rawStart = rawStart
  }

  get algorithm(): KeyAlgorithm {
    return this.#algorithm
  }

  /** The whole SubjectPublicKeyInfo as DER; do not change these bytes. */
  get spki(): Uint8Array {
    return (this.#spki ??= this.#bytes.subarray(this.#start, this.#end))
  }

  /** The subjectPublicKey: an uncompressed point `04 x y`, the 32 bytes of Ed25519, or an RSAPublicKey as DER. */
  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#rawStart, this.#end)
  }

  static {
    createPublicKey = (algorithm, bytes, start, end, rawStart) => new PublicKey(algorithm, bytes, start, end, rawStart)
    rememberedIdentifier = (key, compute) => (key.#identifier ??= compute(key.raw, key.#sha256))
    setSha256 = (key, sha256) => {
      key.#sha256 = sha256
    }
    setOwn = (key) => {
      key.#isOwn = true
    }
    isOwn = (key) => key.#isOwn
  }
}

/**
 * Reads a SubjectPublicKeyInfo that is the whole of `spki`, and checks that its point lies on its curve.
 *
 * Nothing is proven about its owner. Named curves only, uncompressed points only, RSA from 2048 to 8192 bits. The
 * bytes are copied.
 *
 * @throws KeysError `KEYS_PUBLIC_KEY_INVALID`, `KEYS_UNSUPPORTED_ALGORITHM` (with the OID in `detail.found`),
 *   `KEYS_POINT_COMPRESSED`,
 *   `KEYS_POINT_INVALID`
 * @see RFC 5480 section 2, RFC 8410 section 4, RFC 3279 section 2.3.1
 */
export function parsePublicKey(spki: Uint8Array): PublicKey {
  if (spki.length > MAX_PUBLIC_KEY_BYTES) {
    const detail = { found: `${spki.length} bytes`, limit: MAX_PUBLIC_KEY_BYTES }
    throw new KeysError('KEYS_PUBLIC_KEY_INVALID', `public key: limit ${detail.limit} bytes, found ${detail.found}`, {
      detail,
    })
  }
  const reader = new DerReader(new Uint8Array(spki))
  const key = readPublicKey(reader)
  try {
    reader.end()
  } catch (error) {
    throw asKeysError(error)
  }
  checkPoint(key.algorithm, key.raw)
  return key
}

/**
 * Reads the SubjectPublicKeyInfo that is the next element of `reader`, in place and as strictly as `parsePublicKey`.
 *
 * Whether the point lies on its curve is left to the verification that must follow anyway: every `Verifier` refuses a
 * point that does not. The key is a view of the reader's bytes, which must not change.
 *
 * @throws KeysError `KEYS_PUBLIC_KEY_INVALID`, `KEYS_UNSUPPORTED_ALGORITHM`, `KEYS_POINT_COMPRESSED`,
 *   `KEYS_POINT_INVALID` (infinity)
 */
export function readPublicKey(reader: DerReader): PublicKey {
  try {
    reader.next(Tag.sequence)
    const { bytes, start, contentEnd: end } = reader
    const common = ofFixedLength(bytes, start, end)
    if (common !== undefined) return common
    const { algorithm, rawStart } = rejectOrReadRsa(bytes.subarray(start, end))
    return createPublicKey(algorithm, bytes, start, end, start + rawStart)
  } catch (error) {
    throw asKeysError(error)
  }
}

/** The key that the bytes are if they are one of the SPKIs that begin alike and have one length, which all but RSA are. */
function ofFixedLength(bytes: Uint8Array, start: number, end: number): PublicKey | undefined {
  // By index: an iterator here made parsing a request a tenth slower.
  for (let index = 0; index < spkiShapes.length; index++) {
    const shape = spkiShapes[index]
    if (shape === undefined || end - start !== shape.length || !startsWith(bytes, shape.prefix, start)) continue
    return createPublicKey(shape.algorithm, bytes, start, end, start + shape.rawStart)
  }
  return undefined
}

/**
 * Declares that nobody else can change the bytes that a key was read from, so that proving it need not copy them; for whoever has
 * copied them already, and returns the key itself.
 */
export function ownPublicKey(key: PublicKey): PublicKey {
  setOwn(key)
  return key
}

/** The same key over bytes that nobody else can change: a copy, unless they were declared to be such. */
export function privatePublicKey(key: PublicKey, sha256?: Sha256): PublicKey {
  const own = isOwn(key) ? key : copyOf(key)
  setSha256(own, sha256)
  return own
}

/** `slice` would not copy a Buffer. */
function copyOf(key: PublicKey): PublicKey {
  const bytes = new Uint8Array(key.spki)
  return ofFixedLength(bytes, 0, bytes.length) ?? readPublicKey(new DerReader(bytes))
}

/** Says whether two keys are the same, by their only possible encoding. */
export function isSameKey(a: PublicKey, b: PublicKey): boolean {
  const other = b.spki
  return a.spki.length === other.length && startsWith(a.spki, other, 0)
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, start: number): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[start + index] !== prefix[index]) return false
  return true
}

function asKeysError(error: unknown): unknown {
  if (!(error instanceof DerError)) return error
  return refusal(
    'KEYS_PUBLIC_KEY_INVALID',
    'public key',
    'one SubjectPublicKeyInfo in strict DER',
    error.message,
    error,
  )
}
