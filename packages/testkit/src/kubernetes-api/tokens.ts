import { createHash, randomUUID } from 'node:crypto'
import { compactVerify, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { PodRecord, ServiceAccountRecord } from './cluster.ts'

/** The claims of a projected service account token, by their names on the wire. */
export interface TokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf: number
  readonly jti: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
    readonly pod?: { readonly name: string; readonly uid: string }
    readonly node?: { readonly name: string; readonly uid: string }
  }
}

/** What a token is to say. */
export interface TokenSubject {
  readonly serviceAccount: ServiceAccountRecord
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  readonly pod?: PodRecord | undefined
}

/** The API server's service account keys: signs tokens and knows its own again. */
export interface TokenSigner {
  readonly issuer: string
  readonly alg: TokenAlgorithm
  /** As they are published now. */
  readonly keys: readonly JWK[]
  /** Signs with a new key from now on; the old ones still verify, and are still published, only where they are kept. */
  rotate(options: { readonly keepOld: boolean }): Promise<void>
  sign(subject: TokenSubject, now: Date): Promise<{ readonly token: string; readonly expiresAt: Date }>
  /** The claims of a token that one of its keys signed; a string is the reason why not, in the words of Kubernetes. No time is checked. */
  verify(token: string): Promise<TokenClaims | string>
}

/** The reason that Kubernetes gives for what no authenticator claims as its own. */
const UNKNOWN_TOKEN = 'token lookup failed'

/** What API servers sign tokens with: `RS256` is what most clusters have. */
export type TokenAlgorithm = 'ES256' | 'RS256'

/** Makes a signer with a new key; the key id is the SHA-256 of the public key, as in Kubernetes. */
export async function createTokenSigner(issuer: string, alg: TokenAlgorithm = 'ES256'): Promise<TokenSigner> {
  let current = await createKey(alg)
  let keys: readonly SigningKey[] = [current]
  return {
    issuer,
    alg,
    get keys() {
      return keys.map(({ jwk }) => jwk)
    },
    async rotate({ keepOld }) {
      current = await createKey(alg)
      keys = keepOld ? [current, ...keys] : [current]
    },
    async sign(subject, now) {
      const claims = claimsOf(subject, { issuer, now })
      const token = await new SignJWT({ ...claims, aud: [...claims.aud] })
        .setProtectedHeader({ alg, kid: current.kid })
        .sign(current.privateKey)
      return { token, expiresAt: new Date(claims.exp * 1000) }
    },
    async verify(token) {
      if (unverifiedIssuer(token) !== issuer) return UNKNOWN_TOKEN
      for (const { publicKey } of keys) {
        const verified = await compactVerify(token, publicKey, { algorithms: [alg] }).catch(() => undefined)
        if (verified !== undefined) return JSON.parse(Buffer.from(verified.payload).toString('utf8')) as TokenClaims
      }
      return 'go-jose/go-jose: error in cryptographic primitive'
    },
  }
}

interface SigningKey {
  readonly kid: string
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

async function createKey(alg: TokenAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const spki = (await exportSPKI(publicKey)).replace(/-----[^-]+-----|\s/g, '')
  const kid = createHash('sha256').update(Buffer.from(spki, 'base64')).digest('base64url')
  return { kid, jwk: { use: 'sig', ...(await exportJWK(publicKey)), kid, alg }, privateKey, publicKey }
}

function claimsOf(
  { serviceAccount, audiences, expirationSeconds, pod }: TokenSubject,
  { issuer, now }: { readonly issuer: string; readonly now: Date },
): TokenClaims {
  const { namespace, name, uid } = serviceAccount
  const seconds = Math.floor(now.getTime() / 1000)
  return {
    aud: audiences,
    exp: seconds + expirationSeconds,
    iat: seconds,
    iss: issuer,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace,
      ...(pod === undefined
        ? {}
        : { node: { name: pod.nodeName, uid: pod.nodeUid }, pod: { name: pod.name, uid: pod.uid } }),
      serviceaccount: { name, uid },
    },
    nbf: seconds,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

/** What the API server reads first, to see whether a token is one of its own at all. */
function unverifiedIssuer(token: string): unknown {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof payload === 'object' && payload !== null && 'iss' in payload ? payload.iss : undefined
  } catch {
    return undefined
  }
}
