import type { ChildServer } from './child-server.ts'
import { medianOf, type Outcome } from './contest.ts'
import { createLoad, type Load } from './http2-load.ts'

/** A server with the requests that it is to answer. */
export interface ServedContender {
  readonly name: string
  readonly server: ChildServer
  /** Path of the gRPC method. */
  readonly path: string
  readonly nextMessage: () => Uint8Array
  /** Processor time after which it counts as warm, in milliseconds, for one that is slow or is compiled beforehand; 6000 by default. */
  readonly warmUpMs?: number
}

export interface ServedOutcome extends Outcome {
  /** Median of the calls a second, by the clock on the wall: what a client sees while nothing else runs. */
  readonly callsPerSecond: number
}

export interface ServerContestOptions {
  /** Gives the microseconds of F in the round. */
  readonly floor: () => Promise<number>
  readonly floorName: string
  readonly rounds?: number
  /** Processor time of one turn of a server, in milliseconds. */
  readonly turnMs?: number
}

interface Turn {
  readonly microseconds: number
  readonly callsPerSecond: number
}

/** Calls that a server answers before anything counts, because V8 takes that many to compile all of it well; a slow one fewer. */
const WARM_UP_CALLS = 15_000
const MAX_WARM_UP_MS = 6000
/** Calls before a turn counts: sockets and memories get into the state that they keep. */
const CALLS_BEFORE = 60

async function takeTurn(load: Load, { server, nextMessage }: ServedContender, calls: number): Promise<Turn> {
  await load.run(CALLS_BEFORE, nextMessage)
  const before = await server.cpu()
  const begun = performance.now()
  await load.run(calls, nextMessage)
  const seconds = (performance.now() - begun) / 1000
  return { microseconds: ((await server.cpu()) - before) / calls, callsPerSecond: calls / seconds }
}

/** Warms a server up and says how many calls fill a turn. */
async function callsFor(load: Load, contender: ServedContender, turnMs: number): Promise<number> {
  let calls = 100
  const { warmUpMs = MAX_WARM_UP_MS } = contender
  let spentMs = 0
  for (let answered = 0; answered < WARM_UP_CALLS && spentMs < warmUpMs; answered += calls) {
    const { microseconds } = await takeTurn(load, contender, calls)
    spentMs += (microseconds * calls) / 1000
    calls = Math.max(20, Math.round((turnMs * 1000) / microseconds))
  }
  return calls
}

/** Loads the servers by turns and compares the processor time of a call with F, round by round. */
export async function serverContest(
  contenders: readonly ServedContender[],
  { floor, floorName, rounds = 7, turnMs = 200 }: ServerContestOptions,
): Promise<readonly ServedOutcome[]> {
  const loads: Load[] = []
  for (const { server, path } of contenders) loads.push(await createLoad({ port: server.port, path }))
  const calls: number[] = []
  for (const [index, contender] of contenders.entries()) {
    const load = loads[index]
    if (load !== undefined) calls.push(await callsFor(load, contender, turnMs))
  }
  const floors: number[] = []
  const turns = contenders.map((): Turn[] => [])
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor())
    for (const [index, contender] of contenders.entries()) {
      const load = loads[index]
      if (load !== undefined) turns[index]?.push(await takeTurn(load, contender, calls[index] ?? 1))
    }
  }
  for (const load of loads) load.close()
  return [
    { name: floorName, amount: medianOf(floors), ratio: 1, callsPerSecond: 1e6 / medianOf(floors) },
    ...contenders.map(({ name }, index) => outcomeOf(name, turns[index] ?? [], floors)),
  ]
}

function outcomeOf(name: string, turns: readonly Turn[], floors: readonly number[]): ServedOutcome {
  return {
    name,
    amount: medianOf(turns.map(({ microseconds }) => microseconds)),
    ratio: medianOf(turns.map(({ microseconds }, round) => microseconds / (floors[round] ?? Number.NaN))),
    callsPerSecond: medianOf(turns.map(({ callsPerSecond }) => callsPerSecond)),
  }
}
