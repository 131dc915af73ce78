import { setTimeout as wait } from 'node:timers/promises'
import { seenCode, type WhoAmIClient } from './adapter-row.ts'

/** What came of a load. */
export interface LoadReport {
  readonly requests: number
  /** What the failed ones saw, by number. */
  readonly failures: readonly string[]
  /** Longest time in which no request came back, in milliseconds. */
  readonly longestPauseMs: number
}

/** How {@link runLoad} asks. */
export interface LoadOptions {
  readonly requestsPerSecond: number
  readonly requests: number
  /** Is called before each request, with the number of those before. */
  readonly before: (index: number) => Promise<void>
  readonly expected: string
}

/** Asks at an even pace, whatever becomes of the questions before; those that fall behind are asked at once. */
export async function runLoad(client: WhoAmIClient, options: LoadOptions): Promise<LoadReport> {
  const { requestsPerSecond, requests, before, expected } = options
  const failures: string[] = []
  let longestPauseMs = 0
  const begin = performance.now()
  let lastBack = begin
  const ask = async (index: number): Promise<void> => {
    try {
      const answer = await client.ask()
      if (answer !== expected) failures.push(`${index}: answered ${answer}`)
    } catch (error) {
      failures.push(`${index}: ${seenCode(error)} ${error instanceof Error ? error.message : ''}`)
    }
    const back = performance.now()
    longestPauseMs = Math.max(longestPauseMs, back - lastBack)
    lastBack = back
  }
  const asked: Promise<void>[] = []
  for (let index = 0; index < requests; index += 1) {
    await before(index)
    const aheadMs = begin + (index * 1000) / requestsPerSecond - performance.now()
    if (aheadMs > 1) await wait(aheadMs)
    asked.push(ask(index))
  }
  await Promise.all(asked)
  return { requests, failures, longestPauseMs }
}
