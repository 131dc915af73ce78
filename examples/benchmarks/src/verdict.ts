import { medianOf } from './contest.ts'
import type { ProgramResult } from './result.ts'
import type { Target } from './targets.ts'

/** One target, as several runs of its program have shown it. */
export interface Verdict {
  readonly target: Target
  /** Median of the runs. */
  readonly measured: number
  /** Half of the way from the lowest run to the highest. */
  readonly spread: number
  /** False when the target is missed by more than the spread; undefined when what it compares with is not on this machine. */
  readonly ok: boolean | undefined
}

/** Judges a target by the runs of its program. */
export function judge(target: Target, runs: readonly ProgramResult[]): Verdict {
  const known = runs.flatMap(({ values: all }) => all[target.id] ?? [])
  if (known.length === 0 && target.needs !== undefined) {
    return { target, measured: Number.NaN, spread: Number.NaN, ok: undefined }
  }
  const values = known.length === runs.length ? known : [Number.NaN]
  const measured = medianOf(values)
  const spread = (Math.max(...values) - Math.min(...values)) / 2
  const ok = target.better === 'lower' ? measured - spread <= target.must : measured + spread >= target.must
  return { target, measured, spread, ok }
}
