import type { Outcome } from './contest.ts'

/** What a program prints, as one line of JSON: what it compared, and the figures of the targets that it is about. */
export interface ProgramResult {
  readonly title: string
  /** What the amounts are; {@link PROCESSOR_TIME} unless it says otherwise. */
  readonly unit?: string
  readonly outcomes: readonly Outcome[]
  /** By the identifier of the target, such as `T7`. */
  readonly values: Readonly<Record<string, number>>
  /** Facts that belong beside the table, a sentence each. */
  readonly notes?: readonly string[]
}

/** The usual unit. */
export const PROCESSOR_TIME = 'µs of processor time'

/** Ends a program: prints its result for whoever started it. */
export function printResult(result: ProgramResult): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

/** The ratio of a contender, by the beginning of its name. */
export function ratioOf(outcomes: readonly Outcome[], name: string): number {
  const found = outcomes.find((outcome) => outcome.name.startsWith(name))
  if (found === undefined) throw new Error(`expected a contender called ${name}`)
  return found.ratio
}
