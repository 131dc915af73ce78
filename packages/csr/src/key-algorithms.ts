import type { KeyAlgorithm } from '@meshid/keys'

/** The kinds of key that a request may be for; RSA is refused, as it makes every handshake of a mesh dearer (Q8). */
export type CsrKeyAlgorithm = Exclude<KeyAlgorithm, 'RSA'>

/** Every {@link CsrKeyAlgorithm}; `verifyCsr` takes a shorter list by policy. */
export const csrKeyAlgorithms: readonly CsrKeyAlgorithm[] = Object.freeze(['P-256', 'P-384', 'Ed25519'] as const)

/** Says whether a request may be for a key of this kind. */
export function isCsrKeyAlgorithm(algorithm: KeyAlgorithm): algorithm is CsrKeyAlgorithm {
  return algorithm !== 'RSA'
}
