import { sha256 } from '@meshid/keys'
import type { Certificate } from './parse/certificate.ts'
import { bytesToHex } from './hex.ts'

/**
 * The SHA-256 of the certificate's DER in lower-case hexadecimal, 64 digits: the name of a certificate in logs.
 *
 * It says which bytes these are, not that they can be trusted.
 */
export function fingerprint(certificate: Certificate): string {
  return bytesToHex(sha256(certificate.der))
}
