import type { RandomSource } from '@meshid/keys'

/** Bytes of a serial number before leading zeros are dropped: 127 random bits under a zero sign bit (RFC 5280 section 4.1.2.2). */
export const SERIAL_NUMBER_BYTES = 16

/** How many serial numbers are drawn from `random` at once, because each call of a system's generator is dear. */
export const SERIAL_NUMBER_POOL = 256

/**
 * Returns a source of serial numbers: each the content of a DER INTEGER, positive, unpredictable and, by its size, unique (Linkerd Q2,
 * Q3). Randomness is drawn for {@link SERIAL_NUMBER_POOL} numbers at a time. Use a number before the next one is asked for: their bytes
 * are views of one pool.
 *
 * @throws RangeError from the source, when `random` returns another length than asked for, or zeros only
 */
export function createSerialNumbers(random: RandomSource = platformRandom): () => Uint8Array {
  const pool = new Uint8Array(SERIAL_NUMBER_BYTES * SERIAL_NUMBER_POOL)
  let offset = pool.length
  const refill = (): void => {
    const drawn = random(pool.length)
    if (drawn.length !== pool.length) {
      throw new RangeError(`random: expected ${pool.length} bytes, found ${drawn.length}`)
    }
    if (drawn.every((byte) => byte === 0)) throw new RangeError('random: expected random bytes, found zeros only')
    pool.set(drawn)
    offset = 0
  }
  return () => {
    for (;;) {
      if (offset === pool.length) refill()
      const serialNumber = positive(pool, offset, (offset += SERIAL_NUMBER_BYTES))
      if (serialNumber !== undefined) return serialNumber
    }
  }
}

/** Clears the sign bit and drops leading zeros that DER does not want; `undefined` for zero. */
function positive(pool: Uint8Array, from: number, end: number): Uint8Array | undefined {
  pool[from] = (pool[from] ?? 0) & 0x7f
  let start = from
  while (start < end && pool[start] === 0) start++
  if (start === end) return undefined
  return pool.subarray((pool[start] ?? 0) < 0x80 ? start : start - 1, end)
}

function platformRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
