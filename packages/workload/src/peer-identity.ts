import { WorkloadError } from './errors.ts'
import type { LinkerdPeer } from './verify-linkerd-peer.ts'
import type { PeerIdentity } from './verify-peer.ts'

/** Who is at the other end; entries are made by this package alone, and go with their keys. */
const peers = new WeakMap<object, PeerIdentity | LinkerdPeer>()

/** Leads from a TLS socket to its key in {@link peers}, also through the proxies by which HTTP/2 shows its sockets. */
const keyOfSocket = Symbol('meshid.peer')

/** Where the key is found: in a socket; a request or HTTP/2 session; an HTTP/2 stream; a gRPC call, which has its own. */
const ways: readonly (readonly PropertyKey[])[] = [
  [keyOfSocket],
  ['socket', keyOfSocket],
  ['session', 'socket', keyOfSocket],
  ['metadata'],
]

/** What {@link peerIdentity} takes. */
export type PeerCarrier =
  /** A socket, or an HTTP/2 session. */
  | { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }
  /** A request of `http`, of frameworks above it, or of HTTP/2's compatible API; an HTTP/2 session. */
  | { readonly socket: object }
  /** An HTTP/2 stream. */
  | { readonly session?: object | undefined }
  /** A call that a grpc-js server handles. */
  | { readonly metadata: object }

/** Notes who is at the other end of a TLS socket, after verification; the package does not export it. */
export function rememberPeer(socket: object, peer: PeerIdentity | LinkerdPeer): void {
  const key = Object.freeze({})
  Object.defineProperty(socket, keyOfSocket, { value: key })
  peers.set(key, peer)
}

/** Notes who sent the metadata of a gRPC call: grpc-js shows its handlers no socket. */
export function rememberCaller(metadata: object, peer: PeerIdentity | LinkerdPeer): void {
  peers.set(metadata, peer)
}

/**
 * Says who is at the other end of an open connection: of a socket, of a request (`http`, HTTP/2, Express, …), of an HTTP/2
 * stream or session, or of a call that grpc-js handles. It was verified and authorized before the first byte, when the
 * connection began. Who is not known is never "anonymous": there is an error.
 *
 * Ask at the beginning: HTTP/2 forgets the connection of a stream that has ended.
 * @throws WorkloadError WORKLOAD_PEER_UNIDENTIFIED when it is no open connection of this package, or one of a Linkerd mesh
 */
export function peerIdentity(carrier: PeerCarrier): PeerIdentity {
  const peer = peerOf(carrier)
  if (peer !== undefined && 'svid' in peer) return peer
  throw unidentified('an SVID', peer)
}

/**
 * The same in a Linkerd mesh; see {@link peerIdentity}.
 * @throws WorkloadError WORKLOAD_PEER_UNIDENTIFIED when it is no open connection of this package, or one of SPIFFE IDs
 */
export function linkerdPeer(carrier: PeerCarrier): LinkerdPeer {
  const peer = peerOf(carrier)
  if (peer !== undefined && 'linkerdName' in peer) return peer
  throw unidentified('a Linkerd name', peer)
}

function peerOf(carrier: object): PeerIdentity | LinkerdPeer | undefined {
  for (const way of ways) {
    const key = way.reduce(read, carrier)
    const peer = isObject(key) ? peers.get(key) : undefined
    if (peer !== undefined) return peer
  }
  return undefined
}

function read(value: unknown, property: PropertyKey): unknown {
  try {
    return isObject(value) ? Reflect.get(value, property) : undefined
  } catch {
    return undefined // The proxies of HTTP/2 throw when the session is gone.
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function unidentified(expected: string, peer: object | undefined): WorkloadError {
  const found = peer === undefined ? 'none' : 'one of the other kind of mesh'
  const message = `peer: expected an open connection with ${expected} that was verified here, found ${found}`
  return new WorkloadError('WORKLOAD_PEER_UNIDENTIFIED', message, { detail: { expected, found } })
}
