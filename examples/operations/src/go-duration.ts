const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Reads a duration as Go's `time.ParseDuration` writes it (`24h0m0s`, `1.5h`, `300ms`, `0`), in milliseconds.
 * Signs, other units and bare numbers are refused.
 * @throws RangeError that names what was expected and found.
 */
export function parseGoDuration(text: string): number {
  if (text === '0') return 0
  let total = 0
  let rest = text
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)/.exec(rest)
    if (!match || text.length > 64) {
      throw new RangeError(`expected a duration such as 24h, 90s or 1h30m, found ${JSON.stringify(text.slice(0, 64))}`)
    }
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0)
    rest = rest.slice(match[0].length)
  }
  if (text === '') throw new RangeError('expected a duration such as 24h, 90s or 1h30m, found an empty text')
  return Math.round(total)
}
