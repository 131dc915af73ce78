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
  /** False when the target is missed by more than the spread. */
  readonly ok: boolean
}

/** Judges a target by the runs of its program. */
export function judge(target: Target, runs: readonly ProgramResult[]): Verdict {
  const values = runs.map(({ values: all }) => all[target.id] ?? Number.NaN)
  const measured = medianOf(values)
  const spread = (Math.max(...values) - Math.min(...values)) / 2
  const ok = target.better === 'lower' ? measured - spread <= target.must : measured + spread >= target.must
  return { target, measured, spread, ok }
}
