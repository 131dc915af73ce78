import { KeysError } from '../errors.ts'
import type { PublicKey } from '../public-key.ts'
import type { SignatureAlgorithm } from '../signature-algorithm.ts'
import { nodeVerifier } from './node-verifier.ts'

/** A signature that somebody waits to hear of. */
export interface Verification {
  readonly publicKey: PublicKey
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly resolve: (isValid: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Verifies on this thread, and answers. */
export function verifyHere({ publicKey, signatureAlgorithm, message, signature, resolve, reject }: Verification): void {
  try {
    resolve(nodeVerifier.verify(publicKey, signatureAlgorithm, message, signature))
  } catch (error) {
    reject(error)
  }
}

/** Why one more cannot wait. */
export function queueFull(limit: number): KeysError {
  return new KeysError('KEYS_QUEUE_FULL', `verification: expected at most ${limit} to wait, found more`, {
    detail: { limit },
  })
}
