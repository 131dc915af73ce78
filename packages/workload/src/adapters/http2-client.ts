import { type ClientHttp2Session, connect, type ClientSessionOptions } from 'node:http2'
import { connectMtls, type MtlsClientOptions } from '../connect-mtls.ts'
import type { MeshTrust } from '../mesh-trust.ts'
import type { PeerTrust } from '../verify-peer.ts'

/** Options of {@link connectMtlsHttp2}. */
export interface MtlsHttp2ClientOptions<Trust extends MeshTrust = PeerTrust> extends Omit<
  MtlsClientOptions<Trust>,
  'alpnProtocols'
> {
  /** The authority that requests name; default `host:port`. */
  readonly authority?: string
  /** Those of Node's HTTP/2 session. */
  readonly http2?: ClientSessionOptions
}

/**
 * Opens an HTTP/2 session over mTLS: no frame is sent before the server is verified; `peerIdentity(session)` says who it is.
 * A server without ALPN is taken to speak HTTP/2 (RFC 9113 section 3.3).
 *
 * The session keeps the credential that it began with. When the server drains it (GOAWAY), open another.
 * @throws WorkloadError those of `connectMtls`
 */
export async function connectMtlsHttp2<Trust extends MeshTrust>(
  options: MtlsHttp2ClientOptions<Trust>,
): Promise<ClientHttp2Session> {
  const { host, port, authority = `${host.includes(':') ? `[${host}]` : host}:${port}` } = options
  const { socket } = await connectMtls({ ...options, alpnProtocols: ['h2'] })
  socket.allowHalfOpen = false // An end is an end: HTTP/2 says itself what is whole.
  return connect(`https://${authority}`, { ...options.http2, createConnection: () => socket })
}
