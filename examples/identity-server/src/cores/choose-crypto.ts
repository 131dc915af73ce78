import type { AsyncVerifier, Verifier } from '@meshid/keys'
import { createVerifierThreads, nodeVerifier } from '@meshid/keys/node'
import type { CoreCount } from './count-cores.ts'

/** More cores than this are of use to further processes only: the event loop has no more work for threads. */
export const MAX_USEFUL_CORES = 3

/** How signatures are verified. They are made on the event loop, the only place that has the issuer's key. */
export interface ServerCrypto {
  readonly verifier: Verifier | AsyncVerifier
  /** A sentence for the log: what was chosen and why. At info only in JSON, because in plain text those lines are Linkerd's alone. */
  readonly text: string
}

/** What the choice is made from. */
export interface CryptoChoice {
  /** Of `--cores`. */
  readonly cores: number | 'auto'
  readonly count: () => CoreCount
  /** Told when a thread is lost; the server goes on without it. */
  readonly onLost: (reason: Error) => void
}

/**
 * Chooses how to use the cores: with one, everything happens on the event loop, where nothing is handed over; with more, a thread for
 * each further one verifies what callers have signed, which is most of the work.
 */
export function chooseCrypto({ cores: asked, count, onLost }: CryptoChoice): ServerCrypto {
  const { cores, reason } = asked === 'auto' ? count() : { cores: asked, reason: '--cores says so' }
  const found = `${cores} ${cores === 1 ? 'core' : 'cores'}, ${reason}`
  if (cores === 1) return { verifier: nodeVerifier, text: `Verifying on the event loop (${found})` }
  const threads = Math.min(cores, MAX_USEFUL_CORES) - 1
  const { verifier } = createVerifierThreads({ threads, onLost })
  const counted = threads === 1 ? '1 thread' : `${threads} threads`
  const more = cores > MAX_USEFUL_CORES ? `; more replicas, not more cores, serve more than ${MAX_USEFUL_CORES} do` : ''
  return { verifier, text: `Verifying in ${counted} beside the event loop (${found}${more})` }
}
