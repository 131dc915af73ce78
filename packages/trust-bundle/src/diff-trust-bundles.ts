import type { Certificate } from '@meshid/certificate'
import { KeysError, nobleVerifier, type Verifier } from '@meshid/keys'
import { refusal } from './errors.ts'
import { checkSameTrustDomain } from './replace-if-newer.ts'
import type { TrustBundle } from './trust-bundle.ts'

/** Most signatures that {@link diffTrustBundles} checks; a rotation needs one or two. */
export const MAX_DIFF_SIGNATURE_CHECKS = 64

/** What happened to one key; `before` and `after` are its certificates in either bundle. */
export interface AuthorityChange {
  /**
   * - `unchanged`: the same certificates.
   * - `reissued`: the same key in other certificates, usually with new dates; nobody new is trusted.
   * - `cross-signed`: a new key that an old authority vouches for by signing it; see `signedBy`.
   * - `unknown`: a new key for which nothing vouches but the place that the bundle came from.
   * - `removed`: the key is not trusted any more.
   */
  readonly kind: 'unchanged' | 'reissued' | 'cross-signed' | 'unknown' | 'removed'
  readonly before: readonly Certificate[]
  readonly after: readonly Certificate[]
  /** The old authority that signed the new key. */
  readonly signedBy?: Certificate
}

/** What {@link diffTrustBundles} found. */
export interface TrustBundleDiff {
  /** One for each key, those of the new bundle first, in its order. */
  readonly authorities: readonly AuthorityChange[]
  /** The `kid`s of keys for tokens that are new, gone, or name another key now. */
  readonly jwtKeyIds: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changed: readonly string[]
  }
}

/** Options of {@link diffTrustBundles}. */
export interface DiffTrustBundlesOptions {
  /** Checks who signed new keys; `nobleVerifier` by default, to which everything signed by RSA is `unknown`. */
  readonly verifier?: Verifier
  /** Certificates that may show who signed a new key, such as one cross-signed by the old authority. They gain no trust. */
  readonly intermediates?: readonly Certificate[]
}

/**
 * Compares two bundles of one trust domain key by key: certificates come and go, but keys are what is trusted.
 *
 * Whether a change is welcome is not decided here; an unknown new key is how both a new root and a forger look.
 *
 * @throws TrustBundleError TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH, TRUST_BUNDLE_SEARCH_LIMIT
 */
export function diffTrustBundles(
  before: TrustBundle,
  after: TrustBundle,
  options: DiffTrustBundlesOptions = {},
): TrustBundleDiff {
  checkSameTrustDomain(before, after)
  const old = byKey(before.x509Authorities)
  const current = byKey(after.x509Authorities)
  const findSigner = signerFinder(before, options)
  const changes = [...current].map(([key, certificates]) => compare(old.get(key), certificates, findSigner))
  const removed = [...old].filter(([key]) => !current.has(key))
  const authorities = [
    ...changes,
    ...removed.map(([, certificates]) => change({ kind: 'removed', before: certificates, after: [] })),
  ]
  return Object.freeze({ authorities: Object.freeze(authorities), jwtKeyIds: diffJwt(before, after) })
}

type FindSigner = (certificates: readonly Certificate[]) => Certificate | undefined

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const change = (fields: AuthorityChange): AuthorityChange => Object.freeze(fields)

function byKey(certificates: readonly Certificate[]): ReadonlyMap<string, readonly Certificate[]> {
  const groups = new Map<string, readonly Certificate[]>()
  for (const certificate of certificates) {
    const key = hex(certificate.publicKey.spki)
    groups.set(key, [...(groups.get(key) ?? []), certificate])
  }
  return groups
}

function compare(
  before: readonly Certificate[] | undefined,
  after: readonly Certificate[],
  findSigner: FindSigner,
): AuthorityChange {
  if (before === undefined) {
    const signedBy = findSigner(after)
    if (signedBy === undefined) return change({ kind: 'unknown', before: [], after })
    return change({ kind: 'cross-signed', before: [], after, signedBy })
  }
  const was = new Set(before.map(({ der }) => hex(der)))
  const isSame = before.length === after.length && after.every(({ der }) => was.has(hex(der)))
  return change({ kind: isSame ? 'unchanged' : 'reissued', before, after })
}

/** An old authority vouches for a key when it signed a certificate with it, wherever that certificate is found. */
function signerFinder(
  { x509Authorities }: TrustBundle,
  { verifier = nobleVerifier, intermediates = [] }: DiffTrustBundlesOptions,
): FindSigner {
  let checks = 0
  const isSignedBy = (certificate: Certificate, signer: Certificate): boolean => {
    const { issuer, signatureAlgorithm, tbs, signature } = certificate
    if (signatureAlgorithm === undefined || hex(issuer.bytes) !== hex(signer.subject.bytes)) return false
    checks += 1
    if (checks > MAX_DIFF_SIGNATURE_CHECKS) {
      throw refusal('TRUST_BUNDLE_SEARCH_LIMIT', 'new keys', `at most ${MAX_DIFF_SIGNATURE_CHECKS} checks`, 'more')
    }
    try {
      return verifier.verify(signer.publicKey, signatureAlgorithm, tbs, signature)
    } catch (error) {
      if (error instanceof KeysError) return false
      throw error
    }
  }
  return (certificates) => {
    const keys = new Set(certificates.map(({ publicKey }) => hex(publicKey.spki)))
    const shown = [...certificates, ...intermediates.filter(({ publicKey }) => keys.has(hex(publicKey.spki)))]
    return x509Authorities.find((signer) => shown.some((certificate) => isSignedBy(certificate, signer)))
  }
}

function diffJwt(before: TrustBundle, after: TrustBundle): TrustBundleDiff['jwtKeyIds'] {
  const old = new Map(before.jwtAuthorities.map(({ keyId, json }) => [keyId, json]))
  const current = new Map(after.jwtAuthorities.map(({ keyId, json }) => [keyId, json]))
  return Object.freeze({
    added: Object.freeze([...current.keys()].filter((keyId) => !old.has(keyId))),
    removed: Object.freeze([...old.keys()].filter((keyId) => !current.has(keyId))),
    changed: Object.freeze(
      [...current].flatMap(([keyId, json]) => (old.has(keyId) && old.get(keyId) !== json ? [keyId] : [])),
    ),
  })
}
