import type { OwnCertifier } from '../soak/own-certifier.ts'

/** What certificates cost between two numbers of them. */
export interface IssuedCost {
  /** Certificates issued by then, since the process began. */
  readonly issued: number
  /** Processor time of each since the row before, in microseconds. */
  readonly cpuMicroseconds: number
  /** By the clock on the wall. */
  readonly perSecond: number
  readonly rssBytes: number
}

/** Certificates between two looks at the signal. */
const AT_ONCE = 1000

/** Issues certificates to one proxy after the other, and says what they cost up to each of some numbers, in ascending order. */
export async function issuedCosts(
  certifier: OwnCertifier,
  {
    marks,
    proxies,
    signal,
  }: { readonly marks: readonly number[]; readonly proxies: number; readonly signal: AbortSignal },
  onMark: (cost: IssuedCost) => void,
): Promise<void> {
  let issued = 0
  for (const mark of marks) {
    const before = issued
    const cpu = process.cpuUsage()
    const begin = performance.now()
    while (issued < mark) {
      for (const until = Math.min(mark, issued + AT_ONCE); issued < until; issued++) {
        await certifier.certify(issued % proxies)
      }
      signal.throwIfAborted()
    }
    const { user, system } = process.cpuUsage(cpu)
    onMark({
      issued,
      cpuMicroseconds: (user + system) / (issued - before),
      perSecond: ((issued - before) * 1000) / (performance.now() - begin),
      rssBytes: process.memoryUsage.rss(),
    })
  }
}
