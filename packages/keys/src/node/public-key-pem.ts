import { encodePem } from '@meshid/der'
import type { PublicKey } from '../public-key.ts'
import { shortKeyPem } from './short-key-pem.ts'

/** PEM as a string, because any object costs Node 24 an internal exception: 20 to 35 µs a call. */
export function publicKeyPem({ algorithm, spki }: PublicKey): string {
  return algorithm === 'RSA' ? encodePem('PUBLIC KEY', spki) : shortKeyPem(spki)
}
