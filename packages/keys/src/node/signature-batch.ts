import { verify } from 'node:crypto'
import { shortKeyPem } from './short-key-pem.ts'

/** A signature as OpenSSL takes it. */
export interface RawSignature {
  /** OpenSSL's name of the digest; undefined for Ed25519, which has its own. */
  readonly digest: string | undefined
  /** SubjectPublicKeyInfo of an elliptic curve key: at most 120 bytes. */
  readonly spki: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Signatures that are verified together, flat, so that handing them to another thread copies three values and not some for each. */
export interface SignatureBatch {
  readonly digests: readonly (string | undefined)[]
  /** Of each key, message and signature, by turns. */
  readonly lengths: readonly number[]
  /** All of them, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What OpenSSL says of a signature: no, yes, or that it does not take the key. */
export const answers = { no: 0, yes: 1, refused: 2 } as const

/** Copies signatures into a batch. */
export function packBatch(signatures: readonly RawSignature[]): SignatureBatch {
  const parts = signatures.flatMap(({ spki, message, signature }) => [spki, message, signature])
  const lengths = parts.map(({ length }) => length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { digests: signatures.map(({ digest }) => digest), lengths, bytes }
}

/** One of {@link answers} for each signature of a batch. */
export function verifyBatch({ digests, lengths, bytes }: SignatureBatch): Uint8Array<ArrayBuffer> {
  let [part, at] = [0, 0]
  const next = (): Uint8Array => {
    const begin = at
    at += lengths[part++] ?? 0
    return bytes.subarray(begin, at)
  }
  return Uint8Array.from(digests, (digest) => answerOf({ digest, spki: next(), message: next(), signature: next() }))
}

function answerOf({ digest, spki, message, signature }: RawSignature): number {
  try {
    return verify(digest, message, shortKeyPem(spki), signature) ? answers.yes : answers.no
  } catch {
    return answers.refused
  }
}
