import type { PublicKey } from '../public-key.ts'
import type { SignatureAlgorithm } from '../signature-algorithm.ts'
import type { AsyncVerifier } from '../verifier.ts'
import { nodeSha256 } from './node-digest.ts'
import { nodeVerifier } from './node-verifier.ts'
import { isWorthAsking } from './openssl.ts'
import { VerificationQueue } from './verification-queue.ts'

/** Verifications that may wait unless told otherwise: one for each pod of a large mesh that starts anew, and as many again. */
export const DEFAULT_WAITING_VERIFICATIONS = 20_000

/** Options of {@link createVerifierThreads}. */
export interface VerifierThreadsOptions {
  /** Threads beside the event loop, 1 by default: one less than there are cores. */
  readonly threads?: number | undefined
  /** {@link DEFAULT_WAITING_VERIFICATIONS} by default; those that a thread has do not count. */
  readonly maxWaiting?: number | undefined
  /**
   * Where the module of the threads lies, for a program that was bundled into one file: the build must give `verify-on-request.js`,
   * which lies beside this module, a file of its own.
   */
  readonly entry?: URL | undefined
  /** Told when a thread could not start or ended by itself: it is not started again, and its work is done by those that are left. */
  readonly onLost?: ((reason: Error) => void) | undefined
}

/** Threads that verify signatures. */
export interface VerifierThreads {
  /** Says what `nodeVerifier` says, later; rejects with `KEYS_QUEUE_FULL` too. */
  readonly verifier: AsyncVerifier
  /** Signatures that the threads have. */
  readonly running: number
  /** Signatures that nobody has taken yet. */
  readonly waiting: number
  /** Ends the threads. Nothing is lost: what they had, and what comes later, is verified on the event loop. */
  close(): Promise<void>
}

/**
 * Verifies signatures in threads beside the event loop, so that a second core is of use: most of what a certify request costs.
 *
 * Keys and signatures go to the threads in batches; what they have no room for the event loop verifies itself, four at a time between
 * its other work. No private key leaves the event loop: signers are those of `createNodeSigner`. RSA is verified at once, because to
 * hand it over costs as much. The threads do not keep the process alive.
 *
 * @throws RangeError for a limit that is no whole number, or for 0 threads
 */
export function createVerifierThreads(options: VerifierThreadsOptions = {}): VerifierThreads {
  const { threads = 1, maxWaiting = DEFAULT_WAITING_VERIFICATIONS, entry = ownEntry(), onLost } = options
  const queue = new VerificationQueue({
    threads: checkLimit('threads', threads, 1),
    maxWaiting: checkLimit('maxWaiting', maxWaiting, 0),
    entry,
    onLost: onLost ?? (() => undefined),
  })
  return Object.freeze({
    verifier: createVerifier(queue),
    get running() {
      return queue.running
    },
    get waiting() {
      return queue.waiting
    },
    close: () => queue.close(),
  })
}

function createVerifier(queue: VerificationQueue): AsyncVerifier {
  async function verifyAsync(
    publicKey: PublicKey,
    signatureAlgorithm: SignatureAlgorithm,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean> {
    if (!isWorthAsking(publicKey, signatureAlgorithm, signature)) return false
    if (publicKey.algorithm === 'RSA') return nodeVerifier.verify(publicKey, signatureAlgorithm, message, signature)
    return new Promise((resolve, reject) =>
      queue.add({ publicKey, signatureAlgorithm, message, signature, resolve, reject }),
    )
  }
  return Object.freeze({ verifyAsync, sha256: nodeSha256 })
}

/** The neighbour, as this module is: built, or a source. */
function ownEntry(): URL {
  return new URL(`verify-on-request${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}

function checkLimit(name: string, limit: number, least: 0 | 1): number {
  if (Number.isSafeInteger(limit) && limit >= least) return limit
  throw new RangeError(`${name}: expected a whole number from ${least}, found ${limit}`)
}
