import { parseSpiffeId, SpiffeIdError, type SpiffeId } from '@meshid/spiffe-id'
import type { Certificate } from './parse/certificate.ts'
import { describeCertificate, evidenceOf } from './describe-certificate.ts'
import { CertificateError } from './errors.ts'

/**
 * The SPIFFE ID of an SVID: its one URI name, judged on its raw octets. Other kinds of names are ignored.
 *
 * The certificate is not verified here; see `verifyChain`, and `checkSvidLeaf` for the rules of leaves. The ID of a signing
 * certificate has no path.
 *
 * @throws CertificateError CERT_NO_SPIFFE_ID, CERT_MULTIPLE_URI_NAMES, CERT_SPIFFE_ID_INVALID
 * @see SPIFFE rules X509-1 to X509-5
 */
export function spiffeIdOfCertificate(certificate: Certificate): SpiffeId {
  const uris = certificate.subjectAltNames?.uris ?? []
  const [uri] = uris
  if (uri === undefined) {
    throw new CertificateError(
      'CERT_NO_SPIFFE_ID',
      `${describeCertificate(certificate)}: expected one URI name, found none`,
      {
        detail: evidenceOf(certificate),
      },
    )
  }
  if (uris.length > 1) {
    throw new CertificateError(
      'CERT_MULTIPLE_URI_NAMES',
      `${describeCertificate(certificate)}: expected one URI name, found ${uris.length}`,
      { detail: { ...evidenceOf(certificate), expected: 1, found: uris.length } },
    )
  }
  try {
    return parseSpiffeId(uri)
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause
    throw new CertificateError('CERT_SPIFFE_ID_INVALID', `URI name: ${cause.message}`, {
      detail: { ...evidenceOf(certificate), spiffeId: cause.code },
      cause,
    })
  }
}
