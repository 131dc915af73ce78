/** In milliseconds. */
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** The longest time that a timer can wait: some 24 days. A deadline beyond is none. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/**
 * Reads a `grpc-timeout` header, in milliseconds, rounded up; Infinity without one.
 *
 * @returns undefined for what is no timeout
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function parseGrpcTimeout(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return Infinity
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(header)) ?? []
  const unitMs = units[unit]
  if (unitMs === undefined) return undefined
  const timeoutMs = Math.ceil(Number(amount) * unitMs)
  return timeoutMs > MAX_TIMEOUT_MS ? Infinity : timeoutMs
}
