import { isSameKey } from '@meshid/keys'
import { CertificateError } from '../errors.ts'
import { isSameBytes } from '../is-same-bytes.ts'
import { Certificate } from '../parse/certificate.ts'
import type { DistinguishedName } from '../parse/distinguished-name.ts'
import { checkSigner } from './check-signer.ts'
import { type TrustAnchor, TrustedKey } from './trusted-key.ts'

let mint: (anchors: readonly TrustAnchor[]) => TrustAnchors

/**
 * The CAs that a verification may end at: the last word of trust. Made only by `createTrustAnchors`.
 *
 * Keep one for each trust domain, never a pool of all (SPIFFE rule X509-28).
 */
export class TrustAnchors {
  /** Without duplicates, in the order they were given. */
  readonly certificates: readonly Certificate[]
  /** Those that are no certificates. */
  readonly keys: readonly TrustedKey[]
  /** By a hash of their names, so that a name that a peer sent is looked up without making text of it. */
  readonly #byName: ReadonlyMap<number, readonly TrustAnchor[]>

  private constructor(anchors: readonly TrustAnchor[]) {
    this.certificates = Object.freeze(anchors.filter((anchor) => anchor instanceof Certificate))
    this.keys = Object.freeze(anchors.filter((anchor) => anchor instanceof TrustedKey))
    const byName = new Map<number, TrustAnchor[]>()
    for (const anchor of anchors) {
      const hash = hashOf(anchor.subject.bytes)
      byName.set(hash, [...(byName.get(hash) ?? []), anchor])
    }
    this.#byName = byName
    Object.freeze(this)
  }

  static {
    mint = (anchors) => new TrustAnchors(anchors)
  }

  /** The anchors whose subject is this name. */
  named(name: DistinguishedName): readonly TrustAnchor[] {
    const bucket = this.#byName.get(hashOf(name.bytes))
    if (bucket === undefined) return none
    return bucket.length === 1 && bucket[0]?.subject.equals(name) === true
      ? bucket
      : bucket.filter(({ subject }) => subject.equals(name))
  }

  /** Whether this very certificate, octet for octet, is an anchor. */
  has(certificate: Certificate): boolean {
    for (const anchor of this.named(certificate.subject)) {
      if (anchor instanceof Certificate && isSameBytes(anchor.der, certificate.der)) return true
    }
    return false
  }
}

const none: readonly TrustAnchor[] = Object.freeze([])

/** A name's length and its last octets, since names of CAs begin alike: names that collide are told apart by all of their octets. */
function hashOf(bytes: Uint8Array): number {
  const end = bytes.length
  return (end << 24) ^ ((bytes[end - 1] ?? 0) << 16) ^ ((bytes[end - 2] ?? 0) << 8) ^ (bytes[end - 3] ?? 0)
}

/**
 * Declares certificates, or keys with names, to be trusted: whoever calls this decides. Each certificate must be a CA's, and
 * if it says what its key is for, that must include signing certificates.
 *
 * Equal certificates count once (X509-47). An anchor need not be self-signed (X509-31), nor valid now: `verifyChain` checks
 * times at each use, because bundles hold anchors for the past and for the future while they rotate.
 *
 * @throws CertificateError CERT_TRUST_ANCHORS_EMPTY, CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN
 * @see RFC 5280 section 6.1.1 (d), SPIFFE rules X509-14 and X509-33
 */
export function createTrustAnchors(anchors: readonly TrustAnchor[]): TrustAnchors {
  const distinct: TrustAnchor[] = []
  for (const anchor of anchors) {
    if (anchor instanceof Certificate) checkSigner(anchor, { keyUsage: 'optional' })
    else if (!(anchor instanceof TrustedKey)) throw new TypeError('trust anchors: expected parsed certificates')
    if (!distinct.some((other) => isSameAnchor(anchor, other))) distinct.push(anchor)
  }
  if (distinct.length === 0) {
    throw new CertificateError('CERT_TRUST_ANCHORS_EMPTY', 'trust anchors: expected at least one, found none')
  }
  return mint(distinct)
}

/** Keys with other dates or constraints are different anchors. */
function isSameAnchor(one: TrustAnchor, other: TrustAnchor): boolean {
  if (one instanceof Certificate) return other instanceof Certificate && isSameBytes(one.der, other.der)
  return (
    other instanceof TrustedKey &&
    one.subject.equals(other.subject) &&
    isSameKey(one.publicKey, other.publicKey) &&
    one.notBefore?.getTime() === other.notBefore?.getTime() &&
    one.notAfter?.getTime() === other.notAfter?.getTime() &&
    one.nameConstraints === other.nameConstraints
  )
}
