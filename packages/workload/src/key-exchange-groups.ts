import { createSecureContext } from 'node:tls'

/** The groups that this project speaks, best first, as OpenSSL 3.5 and later reads them: two key shares are sent (`*`). */
export const HYBRID_KEY_EXCHANGE_GROUPS = '*X25519MLKEM768/*X25519:P-256:P-384'

/** The same where TLS does not know X25519MLKEM768. */
export const CLASSICAL_KEY_EXCHANGE_GROUPS = 'X25519:P-256:P-384'

let known: string | undefined

/**
 * The groups for key exchange that this Node offers: X25519 together with ML-KEM-768 first, where its TLS library has it, so
 * that what is recorded today stays secret when quantum computers come. Whoever does not know it gets X25519 in the same
 * round trip.
 * @see RFC 9794 and draft-ietf-tls-ecdhe-mlkem
 */
export function keyExchangeGroups(): string {
  known ??= isSupported(HYBRID_KEY_EXCHANGE_GROUPS) ? HYBRID_KEY_EXCHANGE_GROUPS : CLASSICAL_KEY_EXCHANGE_GROUPS
  return known
}

function isSupported(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve })
    return true
  } catch {
    return false
  }
}
