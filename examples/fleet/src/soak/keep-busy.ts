import { createTestRandom } from '@meshid/testkit'

/** Proxies of a fleet whose CSRs stay remembered, one of so many; the others come round so rarely that theirs are forgotten. */
const REPEATED_OF = 13

/** What decides who asks. */
export interface RequestMix {
  readonly proxies: number
  /** Percent of requests with a CSR that was not seen for long. */
  readonly fresh: number
  /** Requests that are under way at any time. */
  readonly inFlight: number
  readonly seed: number
}

/**
 * Who asks next: a small part of the fleet most of the time, as renewals come; the rest, one after the other, for the share of fresh
 * requests. With 13,000 proxies those are 12,000, more than a server remembers.
 */
export function requestMix({ proxies, fresh, seed }: RequestMix): () => number {
  const random = createTestRandom(seed).fraction
  const repeated = Math.max(1, Math.floor(proxies / REPEATED_OF))
  const rest = proxies - repeated
  let [nextRepeated, nextFresh] = [0, 0]
  return () => (rest > 0 && random() * 100 < fresh ? repeated + (nextFresh++ % rest) : nextRepeated++ % repeated)
}

/** A load that goes on where it was. */
export interface BusyLoad {
  /** One request of each proxy. */
  each(): Promise<void>
  /** So many of the mix. */
  more(requests: number): Promise<void>
}

/** Makes the load of a subject that answers the request of a proxy, and rejects when there is no certificate. */
export function keepBusy(mix: RequestMix, certify: (proxy: number) => Promise<unknown>): BusyLoad {
  const next = requestMix(mix)
  const run = async (count: number, proxyOf: () => number): Promise<void> => {
    let left = count
    const caller = async (): Promise<void> => {
      while (left-- > 0) await certify(proxyOf())
    }
    await Promise.all(Array.from({ length: mix.inFlight }, caller))
  }
  let first = 0
  return {
    each: () => run(mix.proxies, () => first++ % mix.proxies),
    more: (requests) => run(requests, next),
  }
}
