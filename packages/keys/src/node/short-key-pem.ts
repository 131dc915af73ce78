/** Room for the longest key but RSA, P-384. The text is made at once, so one buffer serves all; one for each takes longer than the text. */
const scratch = Buffer.alloc(120)

/** The PEM of a SubjectPublicKeyInfo of at most 120 bytes, in one line, which OpenSSL reads. */
export function shortKeyPem(spki: Uint8Array): string {
  scratch.set(spki)
  return `-----BEGIN PUBLIC KEY-----\n${scratch.toString('base64', 0, spki.length)}\n-----END PUBLIC KEY-----\n`
}
