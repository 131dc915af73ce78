import { oids } from '@meshid/der'
import { Certificate } from '../parse/certificate.ts'
import { isSelfIssued } from '../path/check-path-length.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import type { VerifierDifference } from './explanation.ts'
import type { Finding } from './finding.ts'

/** What was decided, as far as others may see it otherwise. */
export interface Decision {
  /** Of a refused chain. */
  readonly finding: Finding | undefined
  /** Whether nothing else was found wrong. */
  readonly isOnlyReason: boolean
  /** Of an accepted chain. */
  readonly anchor: TrustAnchor | undefined
  /** Whether a path was accepted after others were refused. */
  readonly isDetour: boolean
}

interface Row extends VerifierDifference {
  readonly isAbout: (decision: Decision) => boolean
}

const GO_X509 = 'Go crypto/x509'
const WEBPKI = 'rustls-webpki'
const OPENSSL = 'OpenSSL'
const OPENSSL_PAGE = 'openssl-verification-options(1)'
const sha1Oids: readonly string[] = [oids.ecdsaWithSha1, oids.sha1WithRsaEncryption]

const hasCode =
  (...codes: readonly string[]) =>
  ({ finding }: Decision): boolean =>
    finding !== undefined && codes.includes(finding.error.code)

const lacksKeyUsage = (decision: Decision): boolean =>
  hasCode('CERT_NO_KEY_CERT_SIGN')(decision) && decision.finding?.error.detail['found'] === 'no key usage'

const isShortRsa = (decision: Decision): boolean => {
  const bits = /^(\d+) bits$/.exec(String(decision.finding?.error.detail['found']))?.[1]
  return hasCode('CERT_PUBLIC_KEY_INVALID')(decision) && Number(bits) >= 1024 && Number(bits) < 2048
}

const isSha1 = (decision: Decision): boolean =>
  hasCode('CERT_UNSUPPORTED_ALGORITHM')(decision) &&
  sha1Oids.includes(decision.finding?.at?.below.at(-1)?.signatureAlgorithmOid ?? '')

const isOneSided = (decision: Decision): boolean => {
  const { at, error, purpose } = decision.finding ?? {}
  const found = error?.detail['found']
  const sides = ['serverAuth', 'clientAuth'].filter((side) => Array.isArray(found) && found.includes(side))
  return (
    hasCode('CERT_EXTENDED_KEY_USAGE_MISMATCH')(decision) &&
    purpose === 'leaf' &&
    at !== undefined &&
    sides.length === 1
  )
}

const isLooseDirectory = (decision: Decision): boolean => {
  const { at, error } = decision.finding ?? {}
  const isNamed = hasCode('CERT_NAME_EXCLUDED', 'CERT_NAME_NOT_PERMITTED')(decision)
  return isNamed && error?.detail['kind'] === 'directory' && at?.subject.nameConstraints?.critical === false
}

/** What the documentation and sources of other verifiers say, where it differs; each row only where it matters. */
const rows: readonly Row[] = [
  {
    verifier: `${WEBPKI} and linkerd2-proxy`,
    says: 'accepts',
    because: 'a trust anchor is a name and a key there, and its dates are not looked at',
    source: 'docs.rs/rustls-pki-types, struct TrustAnchor',
    isAbout: hasCode('CERT_ANCHOR_EXPIRED', 'CERT_ANCHOR_NOT_YET_VALID'),
  },
  {
    verifier: WEBPKI,
    says: 'may accept',
    because: 'it ignores the key usage extension',
    source: 'rustls-webpki src/verify_cert.rs, check_issuer_independent_properties',
    isAbout: hasCode('CERT_NO_KEY_CERT_SIGN', 'CERT_KEY_USAGE_MISMATCH', 'CERT_LEAF_CAN_SIGN'),
  },
  {
    verifier: GO_X509,
    says: 'may accept',
    because: 'it ignores the key usage of a leaf',
    source: 'crypto/x509/verify.go, (*Certificate).isValid',
    isAbout: hasCode('CERT_KEY_USAGE_MISMATCH', 'CERT_LEAF_CAN_SIGN'),
  },
  {
    verifier: GO_X509,
    says: 'may accept',
    because: 'it asks for keyCertSign only where there is a key usage',
    source: 'crypto/x509/x509.go, (*Certificate).CheckSignatureFrom',
    isAbout: lacksKeyUsage,
  },
  {
    verifier: OPENSSL,
    says: 'may accept',
    because: 'a CA needs no key usage unless -x509_strict is given',
    source: `${OPENSSL_PAGE}, -x509_strict`,
    isAbout: lacksKeyUsage,
  },
  {
    verifier: GO_X509,
    says: 'may accept',
    because: 'it does not ask whether the leaf is a CA',
    source: 'crypto/x509/verify.go, (*Certificate).isValid',
    isAbout: hasCode('CERT_LEAF_IS_CA'),
  },
  {
    verifier: GO_X509,
    says: 'may accept',
    because: 'it does not support constraints of directory names, and may pass over those that are not critical',
    source: 'pkg.go.dev/crypto/x509#Certificate.Verify',
    isAbout: isLooseDirectory,
  },
  {
    verifier: `${GO_X509}, ${OPENSSL} and ${WEBPKI}`,
    says: 'may accept',
    because: 'they ask for one side of TLS at a time, and the extended key usage allows one',
    source: `VerifyOptions.KeyUsages in Go, -purpose in ${OPENSSL_PAGE}, KeyUsage of webpki`,
    isAbout: isOneSided,
  },
  {
    verifier: GO_X509,
    says: 'may accept',
    because: 'RSA keys count from 1024 bits',
    source: 'pkg.go.dev/crypto/rsa#hdr-Minimum_key_size',
    isAbout: isShortRsa,
  },
  {
    verifier: OPENSSL,
    says: 'may accept',
    because: 'without -auth_level its commands take keys and digests of any strength; TLS has a level of its own',
    source: `${OPENSSL_PAGE}, -auth_level`,
    isAbout: (decision) => isShortRsa(decision) || isSha1(decision),
  },
  {
    verifier: 'Node.js tls',
    says: 'may accept',
    because: 'a session that began earlier can be resumed, and then checkServerIdentity is not called again',
    source: 'lib/internal/tls/wrap.js, onConnectSecure',
    isAbout: (decision) => hasCode('CERT_EXPIRED')(decision) && decision.finding?.at?.role === 'target',
  },
  {
    verifier: OPENSSL,
    says: 'may refuse',
    because: 'it takes one issuer for each certificate and does not go back to try another',
    source: `${OPENSSL_PAGE}, Certification Path Building`,
    isAbout: ({ anchor, isDetour }) => anchor !== undefined && isDetour,
  },
  {
    verifier: OPENSSL,
    says: 'may refuse',
    because: 'without -partial_chain only self-signed certificates are trust anchors',
    source: `${OPENSSL_PAGE}, Trust Anchors`,
    isAbout: ({ anchor }) => anchor instanceof Certificate && !isSelfIssued(anchor),
  },
]

/** Who would decide otherwise about this. */
export function otherVerifiers(decision: Decision): readonly VerifierDifference[] {
  const about = rows.filter(({ isAbout }) => isAbout(decision))
  return Object.freeze(
    about.map(({ verifier, says, because, source }) => {
      const surely = says === 'accepts' && !decision.isOnlyReason ? 'may accept' : says
      return Object.freeze({ verifier, says: surely, because, source })
    }),
  )
}
