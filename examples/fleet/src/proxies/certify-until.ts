import { setTimeout as delay } from 'node:timers/promises'
import { retryDelayMs } from '@meshid/refresh'
import { type CertifyRequest, type CertifyResponse, type IdentityClient, isRetryable, RpcError } from '@meshid/rpc'

/** What became of the attempts of all proxies of a run. */
export interface AttemptTally {
  attempts: number
  /** Attempts after the first of each request. */
  retries: number
  /** Attempts that were not answered with a certificate, by gRPC status. */
  readonly refused: Map<string, number>
}

export const newTally = (): AttemptTally => ({ attempts: 0, retries: 0, refused: new Map() })

/** Options of {@link certifyUntil}. */
export interface CertifyUntilOptions {
  readonly client: IdentityClient
  readonly tally: AttemptTally
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** Is looked at before each attempt; nobody waits on it, since ten thousand listeners of one signal cost seconds. */
  readonly signal: AbortSignal
}

/** By how much at most a proxy stretches the wait that the server named, so that not all come back in the same instant. */
const HINT_STRETCH = 0.25

/**
 * Asks until there is a certificate, as a proxy does: what may pass is tried again, after the server's own hint if there is one.
 *
 * @throws RpcError when trying again cannot help; the signal's reason
 */
export async function certifyUntil(request: CertifyRequest, options: CertifyUntilOptions): Promise<CertifyResponse> {
  const { client, tally, random, signal } = options
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    tally.attempts++
    if (attempt > 1) tally.retries++
    try {
      return await client.certify(request)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      tally.refused.set(error.status, (tally.refused.get(error.status) ?? 0) + 1)
      if (!isRetryable(error)) throw error
      const hint = error.retryAfterMs
      const waitMs =
        hint === undefined
          ? retryDelayMs({ attempt, remainingMs: undefined, random }, { minMs: 100, maxMs: 10_000 })
          : hint * (1 + HINT_STRETCH * random())
      await delay(waitMs)
    }
  }
}
