import type { AsyncVerifier, PrivateKey, Signer, Verifier } from '@meshid/keys'
import { createCryptoThreads, createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import type { CoreCount } from './count-cores.ts'

/** Threads of one process at most: its event loop feeds no more of them. */
export const MAX_CRYPTO_THREADS = 4

/** More cores than this are of use to further processes only. */
export const MAX_USEFUL_CORES = 3

/** How signatures are verified and made. */
export interface ServerCrypto {
  readonly verifier: Verifier | AsyncVerifier
  readonly createSigner: (privateKey: PrivateKey) => Signer
  /** For the environment variable `UV_THREADPOOL_SIZE`; undefined leaves it as it is. */
  readonly threadPoolSize: number | undefined
  /** A sentence for the log: what was chosen and why. At info only in JSON, because in plain text those lines are Linkerd's alone. */
  readonly text: string
}

/** What the choice is made from. */
export interface CryptoChoice {
  /** Of `--cores`. */
  readonly cores: number | 'auto'
  readonly count: () => CoreCount
  /** `UV_THREADPOOL_SIZE` as it was set from outside, which decides. */
  readonly threadPoolSize: string | undefined
}

/**
 * Chooses how to use the cores: with one, everything happens on the event loop, where nothing is handed over; with more, signatures
 * are verified and made in libuv's threads, as many as there are cores.
 */
export function chooseCrypto({ cores: asked, count, threadPoolSize: given }: CryptoChoice): ServerCrypto {
  const { cores, reason } = asked === 'auto' ? count() : { cores: asked, reason: '--cores says so' }
  const found = `${cores} ${cores === 1 ? 'core' : 'cores'}, ${reason}`
  if (cores === 1) {
    const text = `Verifying and signing on the event loop (${found})`
    return { verifier: nodeVerifier, createSigner: createNodeSigner, threadPoolSize: undefined, text }
  }
  const cryptoThreads = createCryptoThreads()
  const size = Math.min(cores, MAX_CRYPTO_THREADS)
  const threads = given === undefined ? `${size} threads` : `the threads of UV_THREADPOOL_SIZE=${given}`
  const more = cores > MAX_USEFUL_CORES ? `; more replicas, not more cores, serve more than ${MAX_USEFUL_CORES} do` : ''
  const text = `Verifying and signing in ${threads} (${found}${more})`
  return {
    verifier: cryptoThreads.verifier,
    createSigner: (privateKey) => cryptoThreads.createSigner(privateKey),
    threadPoolSize: given === undefined ? size : undefined,
    text,
  }
}
