import { once } from 'node:events'
import http2 from 'node:http2'
import tls from 'node:tls'
import { encodePem } from '@meshid/der'
import { type CertifyRequest, type CertifyResponse, identityServiceDefinition } from '@meshid/rpc'
import type { TestLeaf } from '@meshid/testkit'

/** How linkerd2-proxy names the identity service in its requests: with a trailing dot and a port. */
export const PROXY_AUTHORITY = 'linkerd-identity-headless.linkerd.svc.cluster.local.:8080'

/** The name that proxies look for in the certificate of the identity service. */
export const SERVER_NAME = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local'

/** What a client shows. */
export interface ShownCertificate {
  readonly cert: string
  readonly key: string
}

/** A leaf with its intermediates and its key, as PEM. */
export function shown({ leaf, intermediates, privateKey }: TestLeaf): ShownCertificate {
  const cert = [leaf, ...intermediates].map((der) => encodePem('CERTIFICATE', der)).join('')
  return { cert, key: privateKey.toPkcs8Pem() }
}

/** A TLS connection to the server, verified as a proxy verifies it, unless told otherwise. */
export async function connectTls(options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    servername: SERVER_NAME,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}

/** Certify over a connection that is there already: HTTP/2 at once, scheme http, as the proxy does. */
export async function certifyOver(connection: tls.TLSSocket, request: CertifyRequest): Promise<CertifyResponse> {
  const { path, requestSerialize, responseDeserialize } = identityServiceDefinition.certify
  const session = http2.connect('http://identity', { createConnection: () => connection })
  session.on('error', () => undefined)
  const stream = session.request({
    ':method': 'POST',
    ':scheme': 'http',
    ':authority': PROXY_AUTHORITY,
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  const message = requestSerialize(request)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([prefix, message]))
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const trailers: Record<string, string> = {}
  for (const event of ['response', 'trailers']) stream.on(event, (headers: object) => Object.assign(trailers, headers))
  await once(stream, 'close')
  session.destroy()
  if (trailers['grpc-status'] !== '0') throw new Error(`${trailers['grpc-status']}: ${trailers['grpc-message']}`)
  return responseDeserialize(Buffer.concat(chunks).subarray(5))
}

/** Connects, certifies and ends. */
export async function certifyByTls(request: CertifyRequest, options: tls.ConnectionOptions): Promise<CertifyResponse> {
  return certifyOver(await connectTls(options), request)
}
