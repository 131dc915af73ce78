import type { Certificate, Explanation } from '@meshid/certificate'
import type { SvidErrorCode } from './errors.ts'

/** Another verifier that would decide otherwise. */
type VerifierDifference = Explanation['otherVerifiers'][number]

/** What was decided, as far as others may see it otherwise. */
export interface SvidDecision {
  readonly code: SvidErrorCode
  readonly leaf: Certificate
  /** Whether the path ends at an authority of another trust domain that is known. */
  readonly isTrustedElsewhere: boolean
}

interface Row extends VerifierDifference {
  readonly isAbout: (decision: SvidDecision) => boolean
}

const hasCode =
  (...codes: readonly SvidErrorCode[]) =>
  ({ code }: SvidDecision): boolean =>
    codes.includes(code)

const GO_SPIFFE = 'go-spiffe 2.9'
const GO_SPIFFE_SOURCE = 'go-spiffe v2.9.0 svid/x509svid/verify.go'

/** What the sources of other verifiers do, where it differs; each row only where it matters. */
const rows: readonly Row[] = [
  {
    verifier: 'Go crypto/x509, rustls-webpki and OpenSSL',
    says: 'may accept',
    because: 'they verify a path and know no rules of SVIDs',
    source: 'pkg.go.dev/crypto/x509#Certificate.Verify, docs.rs/rustls-webpki, X509_verify_cert(3)',
    isAbout: hasCode(
      'SVID_NO_URI_NAME',
      'SVID_MULTIPLE_URI_NAMES',
      'SVID_ID_INVALID',
      'SVID_ID_WITHOUT_PATH',
      'SVID_LEAF_NO_DIGITAL_SIGNATURE',
      'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL',
    ),
  },
  {
    verifier: 'linkerd2-proxy',
    says: 'may accept',
    because: 'a client takes a server when any of its DNS or URI names is the expected one; a server, the first name',
    source: 'linkerd2-proxy linkerd/meshtls/verifier/src/lib.rs',
    isAbout: ({ code, leaf }) =>
      hasCode('SVID_NO_URI_NAME', 'SVID_MULTIPLE_URI_NAMES')({ code, leaf, isTrustedElsewhere: false }) &&
      (leaf.subjectAltNames?.uris.length ?? 0) + (leaf.subjectAltNames?.dnsNames.length ?? 0) > 0,
  },
  {
    verifier: GO_SPIFFE,
    says: 'may accept',
    because: 'when it verifies a peer it does not ask for a path, for digitalSignature or for critical names',
    source: GO_SPIFFE_SOURCE,
    isAbout: hasCode('SVID_ID_WITHOUT_PATH', 'SVID_LEAF_NO_DIGITAL_SIGNATURE', 'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL'),
  },
  {
    verifier: GO_SPIFFE,
    says: 'may accept',
    because: 'it takes any extended key usage',
    source: GO_SPIFFE_SOURCE,
    isAbout: hasCode('SVID_EXTENDED_KEY_USAGE_MISMATCH'),
  },
  {
    verifier: 'Node.js tls and linkerd2-proxy',
    says: 'may accept',
    because:
      'they keep the roots of all trust domains in one pool, and a bundle of another trust domain leads to this leaf',
    source:
      'nodejs.org/api/tls.html, option ca of tls.createSecureContext; linkerd2-proxy linkerd/meshtls/src/creds.rs',
    isAbout: ({ isTrustedElsewhere }) => isTrustedElsewhere,
  },
]

/** Who would decide otherwise about this. */
export function otherSvidVerifiers(decision: SvidDecision): readonly VerifierDifference[] {
  const about = rows.filter(({ isAbout }) => isAbout(decision))
  return about.map(({ verifier, says, because, source }) => Object.freeze({ verifier, says, because, source }))
}
