import type { PublicKey } from '@meshid/keys'
import { isSameBytes } from '../is-same-bytes.ts'
import { DEFAULT_REMEMBERED_SIGNATURES, MAX_REMEMBERED_BYTES } from '../limits.ts'
import type { Certificate } from '../parse/certificate.ts'

/** Options of {@link createSignatureMemory}. */
export interface SignatureMemoryOptions {
  /** Most signatures to remember, the oldest go first; {@link DEFAULT_REMEMBERED_SIGNATURES} by default. */
  readonly maxEntries?: number | undefined
}

interface Remembered {
  readonly der: Uint8Array
  readonly spki: Uint8Array
}

let mint: (maxEntries: number) => SignatureMemory

/** Good signatures on CA certificates, kept from one verification to the next. Made only by {@link createSignatureMemory}. */
export class SignatureMemory {
  readonly #maxEntries: number
  /** By a hash of the signature; whoever has the same hash takes the place over. */
  readonly #places = new Map<number, Remembered>()

  private constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  static {
    mint = (maxEntries) => new SignatureMemory(maxEntries)
  }

  /** Whether this very certificate was verified with this very key, octet for octet. */
  has(certificate: Certificate, publicKey: PublicKey): boolean {
    const known = this.#places.get(placeOf(certificate))
    return known !== undefined && isSameBytes(known.der, certificate.der) && isSameBytes(known.spki, publicKey.spki)
  }

  /** Remembers a signature that is good. Leaves are left out, since each is met for the first time more often than again. */
  add(certificate: Certificate, publicKey: PublicKey): void {
    if (certificate.basicConstraints?.ca !== true || certificate.der.length > MAX_REMEMBERED_BYTES) return
    const place = placeOf(certificate)
    this.#places.delete(place)
    this.#places.set(place, { der: certificate.der, spki: publicKey.spki })
    if (this.#places.size <= this.#maxEntries) return
    const [oldest] = this.#places.keys()
    if (oldest !== undefined) this.#places.delete(oldest)
  }
}

/** The end of a certificate is the end of its signature, which nobody chooses freely. */
function placeOf({ der }: Certificate): number {
  const end = der.length
  return ((der[end - 4] ?? 0) << 24) | ((der[end - 3] ?? 0) << 16) | ((der[end - 2] ?? 0) << 8) | (der[end - 1] ?? 0)
}

/**
 * Makes a memory for `verifyChain`, so that the intermediate which every peer shows is verified once and not at every handshake.
 *
 * Sound, because whether a signature is good is a matter of its bytes alone, and all of them are compared. Times, trust, names and
 * powers are judged anew each time.
 *
 * @throws RangeError for a limit that would not limit
 */
export function createSignatureMemory(options: SignatureMemoryOptions = {}): SignatureMemory {
  const { maxEntries = DEFAULT_REMEMBERED_SIGNATURES } = options
  if (Number.isSafeInteger(maxEntries) && maxEntries > 0) return mint(maxEntries)
  throw new RangeError(`maxEntries: expected a whole number from 1, found ${maxEntries}`)
}
