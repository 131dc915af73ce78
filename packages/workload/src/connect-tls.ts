import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type Certificate, checkSvidLeaf, spiffeIdOfCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import type { CredentialSource } from './credential-source.ts'
import { WorkloadError } from './errors.ts'
import { handshakeFailure } from './handshake-failure.ts'
import { HANDSHAKE_TIMEOUT_MS } from './guard-tls-server.ts'
import { judgePeer, parsePeerChain, sentChain } from './peer-chain.ts'
import { tlsContext } from './tls-context.ts'
import { currentTrustAnchors, type TrustAnchorsOrSource } from './trust-anchor-source.ts'
import { formatWorkloadName, type WorkloadName } from './workload-name.ts'

/** How to begin TLS towards a server of the mesh, and whom it must be. */
export interface TlsClientOptions {
  /** Who the server must be. A DNS name is also asked for (SNI). */
  readonly serverName: WorkloadName
  /** Read anew for each connection when it is a source. */
  readonly trustAnchors: TrustAnchorsOrSource
  readonly now: () => Date
  /** The own credential, shown if the server asks for one, and only while it is valid (Q36). Default: none is shown. */
  readonly source?: CredentialSource
  /** Default `HANDSHAKE_TIMEOUT_MS`. */
  readonly timeoutMs?: number
}

/**
 * Begins TLS 1.3 on a TCP connection to a server that need not know this side: the identity service, before the first
 * certificate and after the last. Without ALPN, as linkerd2-proxy does. Hands the connection over only after the server's
 * chain was verified up to the own anchors and its name found to be the expected one and the only one of its form.
 *
 * A credential that has expired is not shown, so that a server which refuses expired certificates does not refuse the one
 * who comes for a new one (linkerd2 issue 13136). When this fails, the TCP connection is destroyed.
 * @throws WorkloadError WORKLOAD_PEER_HANDSHAKE_FAILED, WORKLOAD_PEER_NO_CERTIFICATE, WORKLOAD_PEER_UNTRUSTED,
 *   WORKLOAD_PEER_NOT_AUTHORIZED
 */
export async function connectTls(raw: Socket, options: TlsClientOptions): Promise<TLSSocket> {
  const { serverName, timeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  const socket = connect({
    socket: raw,
    secureContext: secureContextOf(options),
    // TLS checks that the server holds its key; whose it is, is decided below before a byte is sent.
    rejectUnauthorized: false,
    servername: serverName.kind === 'dns' ? serverName.dnsName : '',
  })
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    await once(socket, 'secureConnect', { signal }).catch((cause: unknown) => {
      throw handshakeFailure('server', signal.aborted ? signal.reason : cause)
    })
    verifyServer(sentChain(socket, 'server'), options)
    return socket
  } catch (error) {
    socket.on('error', () => {}) // What comes after the refusal is of no interest.
    socket.destroy()
    throw error
  }
}

function secureContextOf({ source, now }: TlsClientOptions): SecureContext {
  const credential = source?.current
  const at = now()
  if (credential !== undefined && credential.notBefore <= at && at < credential.notAfter)
    return credential.secureContext
  return createSecureContext(tlsContext())
}

function verifyServer(chain: readonly Uint8Array[], { serverName, trustAnchors, now }: TlsClientOptions): void {
  const certificates = parsePeerChain(chain, 'server')
  const anchors = currentTrustAnchors(trustAnchors)
  const input = { chain: certificates, trustAnchors: anchors, now: now(), purpose: 'leaf-server' as const }
  judgePeer('server', () => verifyChain(input, { verifier: nodeVerifier }))
  const expected = formatWorkloadName(serverName)
  const found = namesOf(certificates[0], serverName)
  if (found.length === 1 && found[0] === expected) return
  const detail = { expected, found: found.join(', ').slice(0, 300) || 'no name of that form' }
  const message = `peer server: expected ${expected} and no other, found ${detail.found}`
  throw new WorkloadError('WORKLOAD_PEER_NOT_AUTHORIZED', message, { detail })
}

/** The names that compete with the expected one. */
function namesOf(leaf: Certificate, { kind }: WorkloadName): readonly string[] {
  if (kind === 'dns') return leaf.subjectAltNames?.dnsNames ?? []
  return judgePeer('server', () => {
    checkSvidLeaf(leaf)
    return [spiffeIdOfCertificate(leaf).toString()]
  })
}
