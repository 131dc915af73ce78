const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Longer waits would end beyond the dates that JavaScript has. */
const MAX_DURATION_MS = 36_500 * 86_400_000

/**
 * Reads a duration as the proxy's environment has it: a whole number and `ms`, `s`, `m`, `h` or `d`; a bare number only if
 * it is 0 (linkerd2-proxy `env/types.rs`). In milliseconds; longer than 100 years is refused.
 * @throws RangeError that names what was expected and found
 */
export function parseProxyDuration(text: string): number {
  const match = /^\s*(\d+)(ms|s|m|h|d)?\s*$/.exec(text)
  const unit = match?.[2]
  const amount = Number(match?.[1])
  const durationMs = amount * (unitMs[unit ?? 'ms'] ?? 0)
  if (!match || (unit === undefined && amount !== 0) || durationMs > MAX_DURATION_MS) {
    throw new RangeError(`expected a duration such as 10s, 5m or 24h, found ${JSON.stringify(text.slice(0, 64))}`)
  }
  return durationMs
}
