import { sha256 } from '@meshid/keys'
import { type AsyncCsrVerifierOptions, type CsrVerifier, type CsrVerifierOptions, verifyCopy } from './csr-verifier.ts'
import { checkLength } from './parse.ts'
import { layoutOf } from './parsed-csr.ts'
import { RequestRooms } from './request-rooms.ts'
import { VerifiedCsr } from './verify.ts'

/** How many requests a memory keeps unless told otherwise: those of a large cluster, some 20 MB. */
export const CSR_MEMORY_ENTRIES = 10_000

/** How many bytes of requests a memory keeps unless told otherwise: 8 MiB, twice what {@link CSR_MEMORY_ENTRIES} usual ones have. */
export const CSR_MEMORY_BYTES = 0x80_0000

interface MemoryOptions {
  /** Most requests that are kept; {@link CSR_MEMORY_ENTRIES} by default. */
  readonly maxEntries?: number
  /** Most bytes of requests that are kept; {@link CSR_MEMORY_BYTES} by default. A longer request is verified and not kept. */
  readonly maxRememberedBytes?: number
  /**
   * The SHA-256 of bytes as any text, or what is as hard to collide; noble's by default. On Node, `nodeSha256Hex` of
   * `@meshid/keys/node` takes a seventh of the time.
   */
  readonly digest?: (bytes: Uint8Array) => string
}

/** Options of {@link createCsrMemory}; those of `parseCsr` and `verifyCsr` hold for every request. */
export interface CsrMemoryOptions extends CsrVerifierOptions, MemoryOptions {}

/** The same with a verifier that answers later. */
export interface AsyncCsrMemoryOptions extends AsyncCsrVerifierOptions, MemoryOptions {}

/** Verifies requests, and knows again those that it has verified. */
export interface CsrMemory extends CsrVerifier, CsrMemoryCounts {
  /**
   * Parses and verifies a request as `verifyCsr(parseCsr(der))` does, unless the very same bytes were verified before.
   *
   * Says what `verifyCsr` says and no more: possession of the key was shown once. A request that was recorded verifies
   * again, with a memory and without.
   *
   * @throws CsrError every code of `parseCsr` and `verifyCsr`; a refusal is never remembered
   */
  verify(der: Uint8Array): VerifiedCsr
}

/** The same with a verifier that answers later: what is known again is there at once, everything else as a promise. */
export interface AsyncCsrMemory extends CsrMemoryCounts {
  /** @throws CsrError as {@link CsrMemory}, at once or as a rejection */
  verify(der: Uint8Array): VerifiedCsr | Promise<VerifiedCsr>
}

/** What a memory holds and did. */
export interface CsrMemoryCounts {
  /** How many requests are kept. */
  readonly size: number
  /** How many bytes those requests have. */
  readonly bytes: number
  /** How many requests were known again. */
  readonly hits: number
  /** How many were not, those that were refused included. */
  readonly misses: number
}

/**
 * Creates a bounded memory of verified requests: from the SHA-256 of the bytes to what they were verified as.
 *
 * Most requests are repeated: a workload keeps its CSR and renews with it. Remembering is sound because verification is a
 * function of the bytes, the verifier and the policy alone, so a memory has one verifier and one policy for life. Who asks, and
 * whether they may, is no part of it. Only successes are kept, in copies of their bytes; the one that was used least recently goes
 * first, so whoever sends many requests can make it forget and never make it wrong.
 *
 * @throws RangeError for a limit that is no whole number from 1
 */
export function createCsrMemory(options?: CsrMemoryOptions): CsrMemory
export function createCsrMemory(options: AsyncCsrMemoryOptions): AsyncCsrMemory
export function createCsrMemory(options: AsyncCsrMemoryOptions = {}): AsyncCsrMemory {
  const { maxEntries = CSR_MEMORY_ENTRIES, maxRememberedBytes = CSR_MEMORY_BYTES, digest = nobleDigest } = options
  const kept = new LeastRecentlyUsed(
    checkLimit('maxEntries', maxEntries),
    checkLimit('maxRememberedBytes', maxRememberedBytes),
  )
  const rooms = new RequestRooms()
  const counts = { hits: 0, misses: 0 }
  return Object.freeze({
    verify(der: Uint8Array): VerifiedCsr | Promise<VerifiedCsr> {
      counts.misses += 1
      checkLength(der, options)
      // Hashed, looked up and verified as one copy: bytes that somebody shares and changes meanwhile lead nobody astray.
      const copy = rooms.copy(der)
      const key = digest(copy)
      const known = kept.use(key)
      if (known !== undefined) {
        rooms.release(copy)
        counts.misses -= 1
        counts.hits += 1
        return known
      }
      const csr = verifyCopy(copy, { rooms, options })
      return csr instanceof VerifiedCsr ? kept.add(key, csr) : csr.then((later) => kept.add(key, later))
    },
    get size() {
      return kept.size
    },
    get bytes() {
      return kept.bytes
    },
    get hits() {
      return counts.hits
    },
    get misses() {
      return counts.misses
    },
  })
}

/** Verified requests by their digest, in the order of their last use, which is the order of a Map that is written anew. */
class LeastRecentlyUsed {
  readonly #byDigest = new Map<string, VerifiedCsr>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#byDigest.size
  }

  get bytes(): number {
    return this.#bytes
  }

  use(digest: string): VerifiedCsr | undefined {
    const csr = this.#byDigest.get(digest)
    if (csr === undefined) return undefined
    this.#byDigest.delete(digest)
    this.#byDigest.set(digest, csr)
    return csr
  }

  /** Keeps a request, and returns it. */
  add(digest: string, csr: VerifiedCsr): VerifiedCsr {
    const { length } = layoutOf(csr).bytes
    if (length > this.#maxBytes || this.#byDigest.has(digest)) return csr
    this.#byDigest.set(digest, csr)
    this.#bytes += length
    this.#forgetOldest()
    return csr
  }

  #forgetOldest(): void {
    for (const [oldest, forgotten] of this.#byDigest) {
      if (this.#byDigest.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return
      this.#byDigest.delete(oldest)
      this.#bytes -= layoutOf(forgotten).bytes.length
    }
  }
}

function nobleDigest(bytes: Uint8Array): string {
  return String.fromCharCode(...sha256(bytes))
}

function checkLimit(name: string, limit: number): number {
  if (Number.isSafeInteger(limit) && limit > 0) return limit
  throw new RangeError(`${name}: expected a whole number from 1, found ${limit}`)
}
