import { Agent, get } from 'node:http'

/** What came of the requests so far. */
export interface TrafficCount {
  readonly requests: number
  readonly failures: number
  /** Longest time between two answers, in milliseconds. */
  readonly longestPauseMs: number
  /** What the failed requests said, by message. */
  readonly reasons: ReadonlyMap<string, number>
}

export interface Traffic {
  count(): TrafficCount
  /** Waits for the requests on their way and ends the stream. */
  stop(): Promise<void>
}

export interface TrafficOptions {
  readonly url: string
  /** Requests a second; half on a connection of their own, half on one that is kept alive. */
  readonly perSecond: number
  readonly timeoutMs: number
}

function request(url: string, agent: Agent, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent, timeout: timeoutMs }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`))))
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    sent.on('error', reject)
  })
}

/** Sends requests at a steady pace and counts answers, failures and the longest pause between two answers. */
export function startTraffic(options: TrafficOptions): Traffic {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const fresh = new Agent({ keepAlive: false })
  const reasons = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  let requests = 0
  let failures = 0
  let longestPauseMs = 0
  let lastAnswer = performance.now()

  const send = async (): Promise<void> => {
    requests += 1
    try {
      await request(options.url, requests % 2 === 0 ? kept : fresh, options.timeoutMs)
      longestPauseMs = Math.max(longestPauseMs, performance.now() - lastAnswer)
      lastAnswer = performance.now()
    } catch (error) {
      failures += 1
      const reason = error instanceof Error ? error.message : String(error)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
  }
  const timer = setInterval(() => {
    const sent = send().finally(() => underWay.delete(sent))
    underWay.add(sent)
  }, 1000 / options.perSecond)
  return {
    count: () => ({ requests, failures, longestPauseMs, reasons }),
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      kept.destroy()
      fresh.destroy()
    },
  }
}
