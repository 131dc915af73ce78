/** The most by which memory may have grown and still count as flat. */
export const FLAT_WITHIN = 0.05

/** Whether memory was flat. */
export interface MemoryGrowth {
  /** Median of the second quarter of the samples; the first is left to warm up. */
  readonly fromBytes: number
  /** Median of the last quarter. */
  readonly toBytes: number
  /** 0.02: 2 % more. */
  readonly growth: number
  /** Bytes for each request by the line of least squares through all quarters but the first. */
  readonly bytesPerRequest: number
  /** Whether it grew by no more than {@link FLAT_WITHIN}. */
  readonly isFlat: boolean
}

/** One look at a memory. */
export interface MemoryPoint {
  readonly requests: number
  readonly bytes: number
}

/**
 * Judges a series of samples that were taken at equal distances.
 *
 * @throws RangeError for fewer than eight samples, two for each quarter
 */
export function memoryGrowth(points: readonly MemoryPoint[]): MemoryGrowth {
  if (points.length < 8) throw new RangeError(`expected 8 samples or more, found ${points.length}`)
  const quarter = Math.floor(points.length / 4)
  const fromBytes = median(points.slice(quarter, 2 * quarter))
  const toBytes = median(points.slice(-quarter))
  const growth = toBytes / fromBytes - 1
  return { fromBytes, toBytes, growth, bytesPerRequest: slope(points.slice(quarter)), isFlat: growth <= FLAT_WITHIN }
}

function median(points: readonly MemoryPoint[]): number {
  const sorted = points.map(({ bytes }) => bytes).toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Of the line with the least squares of distances. */
function slope(points: readonly MemoryPoint[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(points.map(({ requests }) => requests))
  const y = mean(points.map(({ bytes }) => bytes))
  const covariance = points.reduce((sum, { requests, bytes }) => sum + (requests - x) * (bytes - y), 0)
  return covariance / points.reduce((sum, { requests }) => sum + (requests - x) ** 2, 0)
}
