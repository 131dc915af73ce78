const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A duration for people, in its two largest units: `364 d 23 h`, `59 min 3 s`, `0 s`. */
export function remainingTime(durationMs: number): string {
  const first = units.findIndex(([, unitMs]) => durationMs >= unitMs)
  if (first < 0) return '0 s'
  let rest = durationMs
  return units
    .slice(first, first + 2)
    .flatMap(([name, unitMs]) => {
      const count = Math.floor(rest / unitMs)
      rest %= unitMs
      return count === 0 ? [] : [`${count} ${name}`]
    })
    .join(' ')
}
