import { createTrustAnchors, type TrustAnchors } from '@meshid/certificate'
import type { CertifyResponse } from '@meshid/rpc'
import { Latencies } from '../figures/latencies.ts'
import type { World } from '../scenarios/open-world.ts'
import { type AttemptTally, certifyUntil, newTally } from './certify-until.ts'
import { checkAnswer, type CheckedAnswer } from './check-answer.ts'
import type { Connections } from './open-connections.ts'

/** Options of {@link FleetLoad}. */
export interface FleetLoadOptions {
  /** The token of each proxy. */
  readonly tokens: readonly Uint8Array[]
  readonly connections: Connections
  readonly random: () => number
  readonly signal: AbortSignal
}

/** What the load was, whatever the scenario. */
export interface LoadFigures {
  readonly requests: number
  readonly retries: number
  /** Attempts without a certificate, by gRPC status. */
  readonly refused: Readonly<Record<string, number>>
}

/** Certificates that a fleet asks for, and what was seen of it. */
export class FleetLoad {
  readonly latencies: Latencies = new Latencies()
  readonly #world: World
  readonly #options: FleetLoadOptions
  readonly #tally: AttemptTally = newTally()
  readonly #trustAnchors: TrustAnchors
  #certified = 0

  constructor(world: World, options: FleetLoadOptions) {
    this.#world = world
    this.#options = options
    this.#trustAnchors = createTrustAnchors([world.mounts.ca.root])
  }

  /** Requests that were answered with a certificate. */
  get certified(): number {
    return this.#certified
  }

  get retries(): number {
    return this.#tally.retries
  }

  /** Asks for a proxy that was due at an instant of `performance.now()`: its latency begins there. */
  async certify(index: number, dueMs: number): Promise<CertifyResponse> {
    const { tokens, connections, random, signal } = this.#options
    const proxy = this.#world.fleet[index]
    const token = tokens[index]
    if (proxy === undefined || token === undefined) throw new RangeError(`expected a proxy ${index}, found none`)
    const request = { identity: proxy.identity, token, certificateSigningRequest: proxy.csr }
    const client = connections.of(index)
    const answer = await certifyUntil(request, { client, tally: this.#tally, random, signal })
    this.latencies.add(performance.now() - dueMs)
    this.#certified++
    return answer
  }

  /** Checks the answer that a proxy got, as the proxy would; throws when anything about it is wrong. */
  check(index: number, answer: CertifyResponse): CheckedAnswer {
    const { fleet, options } = this.#world
    const proxy = fleet[index]
    if (proxy === undefined) throw new RangeError(`expected a proxy ${index}, found none`)
    const { profile } = options
    return checkAnswer(proxy, answer, { profile, trustAnchors: this.#trustAnchors, now: new Date() })
  }

  figures(): LoadFigures {
    const { attempts, retries, refused } = this.#tally
    return { requests: attempts - retries, retries, refused: Object.fromEntries(refused) }
  }
}
