import { compactVerify, importJWK, type JWK } from 'jose'
import { type JsonRecord, wrongField } from './json-fields.ts'

/** The most keys that are taken from one set: a cluster has one, two while it rotates, a few with several API servers. */
export const MAX_PUBLISHED_KEYS = 32

/** A key of a cluster's set, ready to verify. */
export interface PublishedKey {
  readonly kid: string | undefined
  readonly alg: string
  readonly key: CryptoKey
}

/** The keys of a set that can be used, and the number of the others. */
export interface PublishedKeySet {
  readonly keys: readonly PublishedKey[]
  readonly ignored: number
}

/** Only this module mints verified claims. */
let mintVerifiedClaims: (payload: JsonRecord) => VerifiedClaims

/**
 * What a token says, once its signature by a published key was verified: the cluster did sign it.
 *
 * Trust: not that the token is good. It may be expired, for another audience, or of a pod that is gone. Only
 * {@link PublishedKeys.verify} makes one, and a look-alike fails where it is used.
 */
export class VerifiedClaims {
  readonly #payload: JsonRecord

  private constructor(payload: JsonRecord) {
    this.#payload = payload
  }

  /** The `sub`, such as `system:serviceaccount:<namespace>:<name>`. */
  get subject(): string | undefined {
    const sub = this.#payload['sub']
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  }

  /** The `aud`, always as a list; absent where the token has none, as those of old clusters. */
  get audiences(): readonly string[] | undefined {
    const aud = this.#payload['aud']
    const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
    return list.every((audience) => typeof audience === 'string') ? Object.freeze(list) : undefined
  }

  get expiresAt(): Date | undefined {
    return instant(this.#payload['exp'])
  }

  get notBefore(): Date | undefined {
    return instant(this.#payload['nbf'])
  }

  static {
    mintVerifiedClaims = (payload) => new VerifiedClaims(payload)
  }
}

/**
 * Reads a JWK set: the keys that can verify a service account token, the first {@link MAX_PUBLISHED_KEYS} of them.
 *
 * @throws TokenReviewError TOKEN_REVIEW_RESPONSE_INVALID when it is no set at all
 * @see RFC 7517 section 5
 */
export async function parseKeySet(set: JsonRecord): Promise<PublishedKeySet> {
  const listed = set['keys']
  if (!Array.isArray(listed)) throw wrongField('keys', 'a list', listed)
  const found = await Promise.all(listed.slice(0, MAX_PUBLISHED_KEYS).map(parseKey))
  const keys = Object.freeze(found.filter((key) => key !== undefined))
  return { keys, ignored: listed.length - keys.length }
}

/** Verifies the signature with each of the keys; undefined when none of them made it. No claim is judged. */
export async function verifySignature(
  token: string,
  keys: readonly PublishedKey[],
): Promise<VerifiedClaims | undefined> {
  for (const { key, alg } of keys) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [alg] })
      return mintVerifiedClaims(JSON.parse(new TextDecoder().decode(payload)) as JsonRecord)
    } catch {
      // Not by this key: jose says why, and its words might hold a part of the token.
    } finally {
      forgetLastMatch()
    }
  }
  return undefined
}

/** jose decodes with regular expressions, and engines keep the last text that one has matched (`RegExp.$_`): let it be this one. */
function forgetLastMatch(): boolean {
  return /^nothing$/.test('nothing')
}

async function parseKey(jwk: unknown): Promise<PublishedKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kid, alg: said, use = 'sig', kty, crv, n, e, x, y } = jwk as JsonRecord
  const alg = algorithmOf(kty, crv)
  if (alg === undefined || (said !== undefined && said !== alg) || use !== 'sig') return undefined
  try {
    const key = await importJWK(JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })) as JWK, alg)
    if (key instanceof Uint8Array) return undefined
    return Object.freeze({ kid: typeof kid === 'string' ? kid : undefined, alg, key })
  } catch {
    return undefined
  }
}

const curves: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }

/** What a key is for, as RFC 7518 section 3.1 pairs them and Kubernetes signs. */
function algorithmOf(kty: unknown, crv: unknown): string | undefined {
  if (kty === 'RSA') return 'RS256'
  if (kty !== 'EC') return undefined
  return curves[String(crv)]
}

function instant(seconds: unknown): Date | undefined {
  return typeof seconds === 'number' && Math.abs(seconds) <= 8_640_000_000_000 ? new Date(seconds * 1000) : undefined
}
