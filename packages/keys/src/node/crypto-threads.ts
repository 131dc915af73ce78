import { sign as cryptoSign, verify as cryptoVerify } from 'node:crypto'
import { KeysError } from '../errors.ts'
import type { PrivateKey } from '../private-key.ts'
import type { PublicKey } from '../public-key.ts'
import { signatureAlgorithms, type SignatureAlgorithm } from '../signature-algorithm.ts'
import type { Signer, SignerOptions, SignOptions } from '../signer.ts'
import type { AsyncVerifier } from '../verifier.ts'
import { type JobDone, JobQueue } from './job-queue.ts'
import { nodeSha256 } from './node-digest.ts'
import { createNodeSigner, importPrivateKey } from './node-signer.ts'
import { isWorthAsking, judged, refusedKey } from './openssl.ts'
import { publicKeyPem } from './public-key-pem.ts'

/** Signatures that are handed to libuv's threads at once unless told otherwise: some 2 ms of work for two of them. */
export const DEFAULT_RUNNING_JOBS = 64

/** Verifications that may wait behind those unless told otherwise: one for each pod of a large mesh that starts anew, and as many again. */
export const DEFAULT_WAITING_JOBS = 20_000

/** Options of {@link createCryptoThreads}. */
export interface CryptoThreadsOptions {
  /** {@link DEFAULT_RUNNING_JOBS} by default. */
  readonly maxRunning?: number | undefined
  /** {@link DEFAULT_WAITING_JOBS} by default. Signing always waits: who signs has decided already. */
  readonly maxWaiting?: number | undefined
}

/** Verifies and signs beside the event loop, for a process with more than one core. */
export interface CryptoThreads {
  /** Says what `nodeVerifier` says, later; rejects with `KEYS_QUEUE_FULL` too. */
  readonly verifier: AsyncVerifier
  /**
   * A signer as `createNodeSigner` makes it, that signs later. Signatures are begun before verifications.
   *
   * @throws KeysError `KEYS_ALGORITHM_MISMATCH`
   */
  createSigner(privateKey: PrivateKey, options?: SignerOptions): Signer
  /** Jobs that libuv has. */
  readonly running: number
  /** Jobs that wait for it. */
  readonly waiting: number
}

/**
 * Makes a verifier and signers that work in libuv's threads, with callbacks, so that a second core is of use.
 *
 * On one core they only cost; there `nodeVerifier` and `createNodeSigner` are right. How many threads there are is said by the
 * environment variable `UV_THREADPOOL_SIZE`, read when libuv first uses one; as many as cores are best. A key is still imported on
 * the event loop.
 *
 * @throws RangeError for a limit that is no whole number, or for 0 jobs that run
 */
export function createCryptoThreads(options: CryptoThreadsOptions = {}): CryptoThreads {
  const { maxRunning = DEFAULT_RUNNING_JOBS, maxWaiting = DEFAULT_WAITING_JOBS } = options
  const jobs = new JobQueue({
    maxRunning: checkLimit('maxRunning', maxRunning, 1),
    maxWaiting: checkLimit('maxWaiting', maxWaiting, 0),
  })
  return Object.freeze({
    verifier: createVerifier(jobs),
    createSigner: (privateKey: PrivateKey, signerOptions?: SignerOptions) =>
      createSigner(jobs, privateKey, signerOptions),
    get running() {
      return jobs.running
    },
    get waiting() {
      return jobs.waiting
    },
  })
}

function createVerifier(jobs: JobQueue): AsyncVerifier {
  async function verifyAsync(
    publicKey: PublicKey,
    signatureAlgorithm: SignatureAlgorithm,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean> {
    if (!isWorthAsking(publicKey, signatureAlgorithm, signature)) return false
    const { digest } = signatureAlgorithms[signatureAlgorithm]
    const answer = await askOpenssl(jobs, publicKey, (done) =>
      cryptoVerify(digest, message, publicKeyPem(publicKey), signature, done),
    )
    return judged(answer, publicKey)
  }
  return Object.freeze({ verifyAsync, sha256: nodeSha256 })
}

async function askOpenssl(
  jobs: JobQueue,
  publicKey: PublicKey,
  begin: (done: JobDone<boolean>) => void,
): Promise<boolean> {
  try {
    return await jobs.run(begin, { urgent: false })
  } catch (cause) {
    if (cause instanceof KeysError) throw cause
    throw refusedKey(publicKey, cause)
  }
}

function createSigner(jobs: JobQueue, privateKey: PrivateKey, options?: SignerOptions): Signer {
  const { key, signatureAlgorithm } = createNodeSigner(privateKey, options)
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const keyObject = importPrivateKey(privateKey)
  const sign = async (message: Uint8Array, { signal }: SignOptions = {}): Promise<Uint8Array> => {
    const { buffer, byteOffset, byteLength } = await jobs.run<Buffer>(
      (done) => {
        signal?.throwIfAborted()
        cryptoSign(digest, message, keyObject, done)
      },
      { urgent: true },
    )
    return new Uint8Array(buffer, byteOffset, byteLength)
  }
  return Object.freeze({ key, signatureAlgorithm, sign })
}

function checkLimit(name: string, limit: number, least: 0 | 1): number {
  if (Number.isSafeInteger(limit) && limit >= least) return limit
  throw new RangeError(`${name}: expected a whole number from ${least}, found ${limit}`)
}
