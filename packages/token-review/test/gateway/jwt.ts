import { exportJWK, generateKeyPair, type JWK, SignJWT, type JWTPayload } from 'jose'

/** A service account key of a cluster that a test makes up. */
export interface TestKey {
  readonly jwk: JWK
  sign(claims: JWTPayload, header?: { readonly kid?: string }): Promise<string>
}

/** Makes a key; the same `kid` may be given to two of them. */
export async function testKey(kid: string, alg: 'ES256' | 'RS256' | 'ES384' | 'PS256' = 'ES256'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (claims, header = { kid }) => new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey),
  }
}

/** A JWT that nobody signed. */
export function unsignedJwt(payload: unknown, header: unknown = { alg: 'ES256', kid: 'a' }): string {
  return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}.c2ln`
}

function base64url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
