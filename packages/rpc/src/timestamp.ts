/** 0001-01-01T00:00:00Z in seconds, the first instant of google.protobuf.Timestamp. */
const MIN_SECONDS = -62_135_596_800
/** 9999-12-31T23:59:59Z in seconds, the last whole second of google.protobuf.Timestamp. */
const MAX_SECONDS = 253_402_300_799
const NANOS_PER_SECOND = 1_000_000_000
const NANOS_PER_MS = 1_000_000

/** Date → google.protobuf.Timestamp, exact; throws RangeError for an invalid or unrepresentable date. */
export function timestampOf(date: Date): { readonly seconds: number; readonly nanos: number } {
  const timeMs = date.getTime()
  if (Number.isNaN(timeMs)) throw new RangeError('expected a valid Date, found an invalid one')
  const seconds = Math.floor(timeMs / 1000)
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw new RangeError(`expected a date in the years 1 to 9999, found ${date.toISOString()}`)
  }
  return { seconds, nanos: (timeMs - seconds * 1000) * NANOS_PER_MS }
}

/** google.protobuf.Timestamp → Date, rounded down to the millisecond; throws RangeError for what is no instant. */
export function parseTimestamp(timestamp: { readonly seconds: bigint; readonly nanos: number }): Date {
  const { seconds, nanos } = timestamp
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= NANOS_PER_SECOND) {
    throw new RangeError(`expected a timestamp in the years 1 to 9999, found ${seconds} s and ${nanos} ns`)
  }
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS))
}
