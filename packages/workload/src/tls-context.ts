import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { encodeCertificatePem, type TrustAnchors } from '@meshid/certificate'
import type { Credential } from './credential.ts'

/**
 * The TLS context of a credential: TLS 1.3 only, no session tickets (a resumed session would skip the peer check, JS-7),
 * and the own anchors as the only certificate authorities.
 */
export function tlsContext(credential: Credential, trustAnchors: TrustAnchors): SecureContextOptions {
  return {
    cert: credential.certificateChainPem,
    key: credential.privateKeyPem(),
    ca: trustAnchors.certificates.map((certificate) => encodeCertificatePem(certificate)),
    allowPartialTrustChain: true,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}
