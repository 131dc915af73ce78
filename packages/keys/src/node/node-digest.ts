import { hash } from 'node:crypto'

/** The 32 bytes of SHA-256, by node:crypto; through text, because a buffer that it allocates takes twice as long. @see FIPS 180-4 */
export function nodeSha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(hash('sha256', bytes, 'binary'), 'binary'))
}

/** The SHA-256 of bytes in lower-case hexadecimal, by node:crypto: 1 µs for 400 bytes. @see FIPS 180-4 */
export function nodeSha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes)
}
