import { encodePem } from '@meshid/der'
import type { PublicKey } from '../public-key.ts'

/** PEM as a string, because any object costs Node 24 an internal exception: 20 to 35 µs a call. */
export function publicKeyPem({ algorithm, spki }: PublicKey): string {
  if (algorithm === 'RSA') return encodePem('PUBLIC KEY', spki)
  scratch.set(spki)
  return `-----BEGIN PUBLIC KEY-----\n${scratch.toString('base64', 0, spki.length)}\n-----END PUBLIC KEY-----\n`
}

/** Room for the longest key but RSA, P-384. The text is made at once, so one buffer serves all; one for each takes longer than the text. */
const scratch = Buffer.alloc(120)
