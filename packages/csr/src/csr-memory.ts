import { sha256 } from '@meshid/keys'
import { MAX_CSR_BYTES, parseCsr, type ParseCsrOptions } from './parse.ts'
import { layoutOf } from './parsed-csr.ts'
import { type VerifiedCsr, verifyCsr, type VerifyCsrOptions } from './verify.ts'

/** How many requests a memory keeps unless told otherwise: those of a large cluster, some 20 MB. */
export const CSR_MEMORY_ENTRIES = 10_000

/** How many bytes of requests a memory keeps unless told otherwise: 8 MiB, twice what {@link CSR_MEMORY_ENTRIES} usual ones have. */
export const CSR_MEMORY_BYTES = 0x80_0000

/** Options of {@link createCsrMemory}; those of `parseCsr` and `verifyCsr` hold for every request. */
export interface CsrMemoryOptions extends ParseCsrOptions, VerifyCsrOptions {
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

/** Verifies requests, and knows again those that it has verified. */
export interface CsrMemory {
  /**
   * Parses and verifies a request as `verifyCsr(parseCsr(der))` does, unless the very same bytes were verified before.
   *
   * Says what `verifyCsr` says and no more: possession of the key was shown once. A request that was recorded verifies
   * again, with a memory and without.
   *
   * @throws CsrError every code of `parseCsr` and `verifyCsr`; a refusal is never remembered
   */
  verify(der: Uint8Array): VerifiedCsr
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
export function createCsrMemory(options: CsrMemoryOptions = {}): CsrMemory {
  const { maxEntries = CSR_MEMORY_ENTRIES, maxRememberedBytes = CSR_MEMORY_BYTES, digest = nobleDigest } = options
  const { maxBytes = MAX_CSR_BYTES } = options
  const kept = new LeastRecentlyUsed(
    checkLimit('maxEntries', maxEntries),
    checkLimit('maxRememberedBytes', maxRememberedBytes),
  )
  let hits = 0
  let misses = 0
  return Object.freeze({
    verify(der: Uint8Array): VerifiedCsr {
      const known = der.length <= maxBytes ? kept.use(digest(der)) : undefined
      if (known !== undefined) {
        hits += 1
        return known
      }
      misses += 1
      const csr = verifyCsr(parseCsr(der, options), options)
      // Under the digest of what was verified: bytes that somebody shares and changes meanwhile lead nobody astray.
      kept.add(digest(layoutOf(csr).bytes), csr)
      return csr
    },
    get size() {
      return kept.size
    },
    get bytes() {
      return kept.bytes
    },
    get hits() {
      return hits
    },
    get misses() {
      return misses
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

  add(digest: string, csr: VerifiedCsr): void {
    const { length } = layoutOf(csr).bytes
    if (length > this.#maxBytes || this.#byDigest.has(digest)) return
    this.#byDigest.set(digest, csr)
    this.#bytes += length
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
