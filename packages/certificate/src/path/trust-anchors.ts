import { Certificate } from '../parse/certificate.ts'
import { checkSigner } from './check-signer.ts'
import type { DistinguishedName } from '../parse/distinguished-name.ts'
import { CertificateError } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { isSameBytes } from '../is-same-bytes.ts'

let mint: (certificates: readonly Certificate[]) => TrustAnchors

/**
 * The CA certificates that a verification may end at: the last word of trust. Made only by `createTrustAnchors`.
 *
 * Keep one for each trust domain, never a pool of all (SPIFFE rule X509-28).
 */
export class TrustAnchors {
  /** Without duplicates, in the order they were given. */
  readonly certificates: readonly Certificate[]
  readonly #bySubject: ReadonlyMap<string, readonly Certificate[]>

  private constructor(certificates: readonly Certificate[]) {
    this.certificates = Object.freeze([...certificates])
    const bySubject = new Map<string, readonly Certificate[]>()
    for (const certificate of certificates) {
      const key = bytesToHex(certificate.subject.bytes)
      bySubject.set(key, [...(bySubject.get(key) ?? []), certificate])
    }
    this.#bySubject = bySubject
    Object.freeze(this)
  }

  static {
    mint = (certificates) => new TrustAnchors(certificates)
  }

  /** The anchors whose subject is this name. */
  named(name: DistinguishedName): readonly Certificate[] {
    return this.#bySubject.get(bytesToHex(name.bytes)) ?? []
  }

  /** Whether this very certificate, octet for octet, is an anchor. */
  has(certificate: Certificate): boolean {
    return this.named(certificate.subject).some(({ der }) => isSameBytes(der, certificate.der))
  }
}

/**
 * Declares certificates to be trusted: whoever calls this decides. Each must be a CA, and if it says what its key is for,
 * that must include signing certificates.
 *
 * Equal certificates count once (X509-47). An anchor need not be self-signed (X509-31), nor valid now: `verifyChain` checks
 * times at each use, because bundles hold anchors for the past and for the future while they rotate.
 *
 * @throws CertificateError CERT_TRUST_ANCHORS_EMPTY, CERT_NOT_A_CA, CERT_NO_KEY_CERT_SIGN
 * @see RFC 5280 section 6.1.1 (d), SPIFFE rules X509-14 and X509-33
 */
export function createTrustAnchors(certificates: readonly Certificate[]): TrustAnchors {
  const anchors: Certificate[] = []
  for (const certificate of certificates) {
    if (!(certificate instanceof Certificate)) throw new TypeError('trust anchors: expected parsed certificates')
    checkSigner(certificate, { role: 'anchor' })
    if (!anchors.some(({ der }) => isSameBytes(der, certificate.der))) anchors.push(certificate)
  }
  if (anchors.length === 0) {
    throw new CertificateError('CERT_TRUST_ANCHORS_EMPTY', 'trust anchors: expected at least one, found none')
  }
  return mint(anchors)
}
