import { readFileSync } from 'node:fs'

/** What a process has used so far. */
export interface ProcessUsage {
  /** Processor time of all its threads, user and system. */
  readonly cpuMs: number
  readonly rssBytes: number
  /** The most that it ever had in memory. */
  readonly peakRssBytes: number
}

/** Linux counts processor time for /proc in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10

/** Reads what a process has used; `undefined` where there is no /proc, or no such process any more. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    // The second field is a name in parentheses that may hold anything; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1])
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      rssBytes: kilobytes('VmRSS') * 1024,
      peakRssBytes: kilobytes('VmHWM') * 1024,
    }
  } catch {
    return undefined
  }
}
