/** One way to do the work; the first of several is what the others are compared with. */
export interface Alternative {
  readonly name: string
  readonly run: () => unknown
}

export interface Outcome {
  readonly name: string
  /** Median of the processor time for one run, in microseconds. */
  readonly microseconds: number
  /** Median, over the rounds, of the time against the first alternative in the same round. */
  readonly ratio: number
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Rounds that do not count, until all of it is compiled. */
const WARM_UP_ROUNDS = 100

/** Processor time, so that a busy machine does not count. */
const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Runs the alternatives by turns in small batches, so that whatever else the machine does hits all of them alike. */
export async function interleaved(
  alternatives: readonly Alternative[],
  { rounds = 400, batch = 25 }: { readonly rounds?: number; readonly batch?: number } = {},
): Promise<readonly Outcome[]> {
  const times = alternatives.map((): number[] => [])
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [index, { run }] of alternatives.entries()) {
      const start = cpuMicroseconds()
      for (let turn = 0; turn < batch; turn++) await run()
      if (round >= 0) times[index]?.push((cpuMicroseconds() - start) / batch)
    }
  }
  const base = times[0] ?? []
  return alternatives.map(({ name }, index) => ({
    name,
    microseconds: median(times[index] ?? []),
    ratio: median((times[index] ?? []).map((time, round) => time / (base[round] ?? Number.NaN))),
  }))
}

export function report(title: string, outcomes: readonly Outcome[]): void {
  console.log(title)
  for (const { name, microseconds, ratio } of outcomes) {
    console.log(`  ${ratio.toFixed(3)}  ${microseconds.toFixed(1)} µs  ${name}`)
  }
}
