import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cpuQuota, type ReadText } from './cpu-quota.ts'

/** How many cores a process may keep busy, and what says so. */
export interface CoreCount {
  readonly cores: number
  readonly reason: string
}

/** Where the numbers come from; the system by default. */
export interface CoreSources {
  /** By affinity: `taskset`, cpusets. */
  readonly parallelism?: number
  readonly readText?: ReadText
}

/**
 * Counts the cores that this process may use: those of its affinity, or fewer if its control groups grant less time.
 *
 * Half a core is none: two threads that share the time of one and a half are stopped together when it is used up.
 */
export function countCores({ parallelism = availableParallelism(), readText = readFile }: CoreSources = {}): CoreCount {
  const quota = cpuQuota(readText)
  if (quota === undefined || quota >= parallelism) return { cores: parallelism, reason: 'as many as it may run on' }
  return { cores: Math.max(1, Math.floor(quota)), reason: `its CPU limit is ${Number(quota.toFixed(3))}` }
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
