/** One way to do the work; the first of several is what the others are compared with. */
export interface Contender {
  readonly name: string
  readonly run: () => unknown
}

/** What one contender took. */
export interface Outcome {
  readonly name: string
  /** Median of one run, in the unit of the result: microseconds of processor time, unless it says otherwise. */
  readonly amount: number
  /** Median, over the rounds, of the time against the first contender's in the same round. */
  readonly ratio: number
}

export interface ContestOptions {
  /** Rounds that count. */
  readonly rounds?: number
  /** How long a contender's turn in a round shall take, in milliseconds. */
  readonly turnMs?: number
}

/** How long each contender runs before anything counts, in milliseconds: until then its code is being compiled. */
const WARM_UP_MS = 300
const DEFAULT_ROUNDS = 30
/** Long enough that the first calls, which find the caches full of what ran before, count little. */
const DEFAULT_TURN_MS = 20

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const [low = Number.NaN, high = low] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  return (low + high) / 2
}

/** Processor time, so that a busy machine does not count. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Runs one contender some times; awaits only what is a promise, because even that costs. */
async function takeTurn({ run }: Contender, calls: number): Promise<number> {
  const start = cpuMicroseconds()
  for (let call = 0; call < calls; call++) {
    const result = run()
    if (result instanceof Promise) await result
  }
  return (cpuMicroseconds() - start) / calls
}

/** Warms a contender up and says how many calls fill a turn. */
async function callsFor(contender: Contender, turnMs: number): Promise<number> {
  const end = performance.now() + WARM_UP_MS
  let calls = 1
  let time = await takeTurn(contender, calls)
  while (performance.now() < end) {
    if (time * calls < turnMs * 1000) calls *= 2
    time = await takeTurn(contender, calls)
  }
  return Math.max(1, Math.round((turnMs * 1000) / time))
}

/**
 * Runs the contenders by turns, so that whatever else the machine does hits all of them alike, and compares them round by round.
 */
export async function contest(
  contenders: readonly Contender[],
  { rounds = DEFAULT_ROUNDS, turnMs = DEFAULT_TURN_MS }: ContestOptions = {},
): Promise<readonly Outcome[]> {
  const calls: number[] = []
  for (const contender of contenders) calls.push(await callsFor(contender, turnMs))
  const times = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      times[index]?.push(await takeTurn(contender, calls[index] ?? 1))
    }
  }
  const base = times[0] ?? []
  return contenders.map(({ name }, index) => ({
    name,
    amount: medianOf(times[index] ?? []),
    ratio: medianOf((times[index] ?? []).map((time, round) => time / (base[round] ?? Number.NaN))),
  }))
}
