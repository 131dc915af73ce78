import type { TLSSocket } from 'node:tls'
import {
  CertificateError,
  MAX_CHAIN_CERTIFICATES,
  parseCertificate,
  type TrustAnchors,
  verifyChain,
} from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import type { ClientCertificate } from './tls-event.ts'

/**
 * Judges the certificate that a client showed, for the log and for nothing else: a proxy whose certificate has expired must
 * be able to get a new one (Q36), and what it gets is decided by its token alone.
 *
 * That the client holds the private key, TLS has checked.
 */
export function judgeClientCertificate(
  socket: TLSSocket,
  { trustAnchors, now }: { readonly trustAnchors: TrustAnchors; readonly now: Date },
): ClientCertificate {
  try {
    const chain = sentChain(socket).map((der) => parseCertificate(der))
    if (chain.length === 0) return { kind: 'none' }
    const { certificate } = verifyChain(
      { chain, trustAnchors, now, purpose: 'leaf-client' },
      { verifier: nodeVerifier },
    )
    const { uris = [], dnsNames = [] } = certificate.subjectAltNames ?? {}
    return { kind: 'verified', name: uris[0] ?? dnsNames[0] ?? '' }
  } catch (error) {
    return { kind: 'refused', code: error instanceof CertificateError ? error.code : 'UNKNOWN' }
  }
}

/** What the client sent, leaf first; one more than is allowed, so that too many are refused and not cut. */
function sentChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length <= MAX_CHAIN_CERTIFICATES) {
    chain.push(new Uint8Array(certificate.raw))
    certificate = certificate.issuerCertificate
  }
  return chain
}
