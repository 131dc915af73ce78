import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import { tlsContext } from '@meshid/workload'
import type { TlsCredential, TlsCredentials } from './tls-credentials.ts'
import type { ClientCertificate, TlsObserver } from './tls-event.ts'
import { type Handshakes, trackHandshakes } from './tls-handshakes.ts'

/** How long a handshake may take, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

export interface TlsListenerOptions {
  readonly credentials: TlsCredentials
  /** Takes a connection whose handshake is done and from which nothing was read. */
  readonly onConnection: (socket: TLSSocket) => void
  readonly judge: (socket: TLSSocket) => ClientCertificate
  readonly observer: TlsObserver
  /** Default {@link HANDSHAKE_TIMEOUT_MS}. */
  readonly handshakeTimeoutMs?: number
  readonly maxHandshakes?: number
}

/** A listener that ends TLS. */
export interface TlsListener {
  readonly port: number
  /** Accepts no more connections; those that were passed on are not touched. */
  close(): void
}

/**
 * Listens for TLS 1.3 connections, for any server name, with the ALPN protocol h2 or none, and passes them on.
 *
 * A client's certificate is asked for and never insisted on. No session is resumed. Handshakes that are under way are
 * limited in number and in time, so that silent and slow peers cannot use the server up. Each handshake begins with the
 * credential of that moment; connections live on when it changes.
 *
 * @throws what the system says when the address cannot be bound
 */
export async function startTlsListener(
  address: { readonly host?: string | undefined; readonly port: number },
  options: TlsListenerOptions,
): Promise<TlsListener> {
  const handshakes = trackHandshakes(options)
  const tls = createTlsEnd(options, handshakes)
  const show = shownCredential(tls)
  // Paused: what a peer says first is for TLS, which may have to wait for a new certificate.
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (raw) => {
    const handshake = handshakes.begin(raw)
    if (handshake === undefined) return
    options.credentials.current().then(
      (credential) => {
        if (raw.destroyed) return
        show(credential)
        tls.emit('connection', raw)
      },
      (error: unknown) => {
        handshake.failed(error)
        raw.destroy()
      },
    )
  })
  await listen(listener, address)
  return { port: (listener.address() as AddressInfo).port, close: () => void listener.close() }
}

/** The TLS half: it never listens, connections are handed to it. */
function createTlsEnd(options: TlsListenerOptions, handshakes: Handshakes): TlsServer {
  const { onConnection, judge, observer, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options
  const tls = createTlsServer({
    ALPNProtocols: ['h2'],
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
  })
  tls.on('tlsClientError', (cause, socket) => {
    handshakes.find(socket)?.failed(cause)
    socket.destroy() // After a timeout Node leaves that to us.
  })
  tls.on('secureConnection', (socket) => {
    const peer = handshakes.find(socket)?.done() ?? ''
    const serverName = typeof socket.servername === 'string' ? socket.servername : undefined
    observer({ type: 'accepted', peer, serverName, clientCertificate: () => judge(socket) })
    onConnection(socket)
  })
  return tls
}

/** Loads a credential into TLS when it is another one than before. */
function shownCredential(tls: TlsServer): (credential: TlsCredential) => void {
  let shown: TlsCredential | undefined
  return (credential) => {
    if (credential !== shown) tls.setSecureContext(tlsContext(credential))
    shown = credential
  }
}

async function listen(listener: Server, { host, port }: { readonly host?: string | undefined; readonly port: number }) {
  const listening = once(listener, 'listening')
  // Without a host: every interface, IPv6 and IPv4, or IPv4 alone where there is no IPv6.
  listener.listen(host === undefined ? { port } : { host, port })
  await listening
}
