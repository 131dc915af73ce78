import { type Certificate, CertificateError, createTrustAnchors, parseCertificate } from '@meshid/certificate'
import { isSameKey } from '@meshid/keys'
import { decodeBase64 } from './base64.ts'
import { refusal, type TrustBundleError } from './errors.ts'
import { describeJson, type JsonObject } from './json-value.ts'
import { publicKeyOfJwk } from './jwk.ts'

/**
 * Reads the CA certificate of an `x509-svid` entry: the first of `x5c`, whose key must be the one that the entry itself says.
 *
 * @throws TrustBundleError TRUST_BUNDLE_CERTIFICATE_MISSING, TRUST_BUNDLE_CERTIFICATE_INVALID,
 *   TRUST_BUNDLE_CERTIFICATE_KEY_MISMATCH, TRUST_BUNDLE_NOT_A_CA, and the codes of a key that is malformed or unknown
 * @see SPIFFE X509-SVID section 6.2; rules X509-42 to X509-46
 */
export function readX509Authority(
  jwk: JsonObject,
  ignore: (error: TrustBundleError, below: string) => void,
): Certificate {
  const x5c = jwk.members.get('x5c')
  if (!Array.isArray(x5c) || x5c.length === 0) {
    const found = Array.isArray(x5c) ? 'an empty array' : describeJson(x5c)
    throw refusal('TRUST_BUNDLE_CERTIFICATE_MISSING', 'x5c', 'one certificate', found)
  }
  const text: unknown = x5c[0]
  const der = typeof text === 'string' ? decodeBase64(text, 'base64') : undefined
  if (der === undefined) {
    throw refusal('TRUST_BUNDLE_CERTIFICATE_INVALID', 'x5c', 'DER in standard base64', 'something else')
  }
  const publicKey = publicKeyOfJwk(jwk)
  const certificate = readAuthority(der)
  if (!isSameKey(publicKey, certificate.publicKey)) {
    const found = `another (${certificate.publicKey.algorithm})`
    throw refusal('TRUST_BUNDLE_CERTIFICATE_KEY_MISMATCH', 'x5c', `the key of the entry`, found)
  }
  if (x5c.length > 1) {
    ignore(refusal('TRUST_BUNDLE_CERTIFICATE_EXTRA', 'x5c', 'one certificate', `${x5c.length}`), '/x5c/1')
  }
  return certificate
}

function readAuthority(der: Uint8Array): Certificate {
  let certificate: Certificate | undefined
  try {
    certificate = parseCertificate(der)
    createTrustAnchors([certificate])
    return certificate
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const code = certificate === undefined ? 'TRUST_BUNDLE_CERTIFICATE_INVALID' : 'TRUST_BUNDLE_NOT_A_CA'
    throw refusal(code, 'x5c', 'a CA certificate', cause.message, { detail: { certificate: cause.code }, cause })
  }
}
