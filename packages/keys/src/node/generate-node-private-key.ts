import { generateKeyPairSync } from 'node:crypto'
import type { KeyAlgorithm } from '../key-algorithm.ts'
import { parsePrivateKey } from '../parse-private-key.ts'
import type { PrivateKey } from '../private-key.ts'

/**
 * Generates a private key with node:crypto, for P-256 (the default), P-384 or Ed25519.
 *
 * @see FIPS 186-5 appendix A.2, RFC 8032 section 5.1.5
 */
export function generateNodePrivateKey(algorithm: Exclude<KeyAlgorithm, 'RSA'> = 'P-256'): PrivateKey {
  const { privateKey } = generate(algorithm)
  return parsePrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }))
}

function generate(algorithm: Exclude<KeyAlgorithm, 'RSA'>): ReturnType<typeof generateKeyPairSync> {
  if (algorithm === 'Ed25519') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('ec', { namedCurve: algorithm })
}
