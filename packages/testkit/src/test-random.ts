/** The same "random" values for the same seed, in every run and on every machine; never for real keys. */
export interface TestRandom {
  /** As many bytes as asked for; usable detached, as an argument. */
  readonly bytes: (length: number) => Uint8Array<ArrayBuffer>
  /** A number from 0 up to, not including, 1, like `Math.random`; usable detached. */
  readonly fraction: () => number
}

/**
 * Makes a source of repeatable values.
 *
 * @see Steele, Lea and Flood, "Fast splittable pseudorandom number generators", whose 32-bit mixing this is (mulberry32)
 */
export function createTestRandom(seed: number): TestRandom {
  let state = seed >>> 0
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return Object.freeze({
    bytes: (length: number) => Uint8Array.from({ length }, () => word() >>> 24),
    fraction: () => word() / 2 ** 32,
  })
}
