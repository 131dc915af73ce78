import { DEFAULT_TTL_MS } from '@meshid/token-review'
import type { TurnRate } from './turn-queue.ts'

/** What a mesh is made of, and what things cost in it. */
export interface ModelCosts {
  readonly workloads: number
  /** Service accounts; as many tokens where the pods of an account share one. */
  readonly accounts: number
  /** Identity servers, each with one core for its JavaScript. Requests go to any of them. */
  readonly replicas: number
  /** Processor time of a server for one request. */
  readonly certifyMs: number
  /** How long the API server takes for a token review. */
  readonly reviewMs: number
  /** The limit of each server towards the API server. */
  readonly client: TurnRate
  /** What the API server does in a second, for all servers together; each has its share. */
  readonly apiPerSecond: number
  /** How long a server remembers an answer; 0: not. */
  readonly memoryMs: number
  readonly seed: number
}

/** The defaults: those of the server, and costs as measured. */
export const defaultCosts: ModelCosts = {
  workloads: 1_000_000,
  accounts: 10_000,
  replicas: 3,
  certifyMs: 0.3,
  reviewMs: 5,
  client: { perSecond: 100, burst: 200 },
  apiPerSecond: Infinity,
  memoryMs: DEFAULT_TTL_MS,
  seed: 1,
}
