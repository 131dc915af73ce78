import type { TLSSocket } from 'node:tls'
import { type Certificate, CertificateError, MAX_CHAIN_CERTIFICATES, parseCertificate } from '@meshid/certificate'
import { SpiffeIdError } from '@meshid/spiffe-id'
import { WorkloadError } from './errors.ts'

/** The side of TLS that the peer is on. */
export type PeerSide = 'client' | 'server'

/**
 * What the peer sent, leaf first, DER; one more than is allowed, so that too many are refused and not cut.
 * @throws WorkloadError WORKLOAD_PEER_RESUMED, WORKLOAD_PEER_TLS_OUTDATED
 */
export function sentChain(socket: TLSSocket, side: PeerSide): readonly Uint8Array[] {
  if (socket.isSessionReused()) {
    throw new WorkloadError('WORKLOAD_PEER_RESUMED', `peer ${side}: expected a full handshake, found a resumed session`)
  }
  const found = socket.getProtocol() ?? 'none'
  if (found !== 'TLSv1.3') {
    const detail = { expected: 'TLSv1.3', found }
    throw new WorkloadError('WORKLOAD_PEER_TLS_OUTDATED', `peer ${side}: expected TLSv1.3, found ${found}`, { detail })
  }
  const chain: Uint8Array[] = []
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && chain.length <= MAX_CHAIN_CERTIFICATES) {
    chain.push(new Uint8Array(certificate.raw))
    certificate = certificate.issuerCertificate
  }
  return chain
}

/**
 * Parses what a peer showed.
 * @throws WorkloadError WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_UNTRUSTED
 */
export function parsePeerChain(
  chain: readonly Uint8Array[],
  side: PeerSide,
): readonly [leaf: Certificate, ...intermediates: Certificate[]] {
  const [leaf, ...intermediates] = chain
  if (leaf === undefined) {
    throw new WorkloadError('WORKLOAD_PEER_NO_CERTIFICATE', `peer ${side}: expected a certificate, found none`)
  }
  return judgePeer(side, () => [parseCertificate(leaf), ...intermediates.map((der) => parseCertificate(der))])
}

/** Runs a step of the judgement; what speaks against the certificate becomes this package's error. */
export function judgePeer<T>(side: PeerSide, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const message = `peer ${side}: ${cause.code}: ${cause.message}`
    throw new WorkloadError('WORKLOAD_PEER_UNTRUSTED', message, { detail: { found: cause.code }, cause })
  }
}

/** Asks the caller's authorizer; whatever it throws is a refusal and stays below it (X509-37). */
export function authorizePeer<Name extends { toString(): string }>(
  side: PeerSide,
  name: Name,
  authorize: (name: Name) => void,
): void {
  try {
    authorize(name)
  } catch (cause) {
    const found = name.toString()
    const why = cause instanceof SpiffeIdError ? cause.message : `${found} was refused`
    throw new WorkloadError('WORKLOAD_PEER_NOT_AUTHORIZED', `peer ${side}: ${why}`, { detail: { found }, cause })
  }
}
