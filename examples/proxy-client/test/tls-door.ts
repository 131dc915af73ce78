import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import {
  createIssuer,
  encodeCertificatePem,
  parseCertificate,
  parseCertificates,
  type WorkloadIdentity,
} from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import type { TestCa } from '@meshid/testkit'
import { portOf } from './world.ts'

/** What a client showed and asked for when it came. */
export interface Visit {
  /** SNI. */
  readonly serverName: string | false
  readonly alpn: string | false
  readonly protocol: string | null
  /** The end of the certificate that it showed, if it showed one. */
  readonly clientNotAfter: Date | undefined
}

/** TLS in front of an identity service, as a proxy in its pod ends it. */
export interface TlsDoor extends AsyncDisposable {
  readonly port: number
  readonly visits: readonly Visit[]
}

/** Ends TLS 1.3 in front of a port of this machine; a client need not show a certificate, but an expired one is refused. */
export async function openTlsDoor(ca: TestCa, identity: WorkloadIdentity, toPort: number): Promise<TlsDoor> {
  const { cert, key } = await servingCertificate(ca, identity)
  const visits: Visit[] = []
  const open = new Set<TLSSocket>()
  const options = { cert, key, ca: ca.rootPem, minVersion: 'TLSv1.3' } as const
  const server = createServer({ ...options, requestCert: true, rejectUnauthorized: false }, (socket) => {
    const visit = visitOf(socket)
    visits.push(visit)
    open.add(socket)
    socket.on('error', () => socket.destroy())
    if (visit.clientNotAfter && visit.clientNotAfter < new Date()) {
      socket.destroy()
      return
    }
    const plain = connect(toPort, '127.0.0.1')
    plain.on('error', () => socket.destroy())
    socket.once('close', () => plain.destroy())
    plain.once('close', () => socket.destroy())
    plain.pipe(socket).pipe(plain)
  })
  await once(server.listen(0), 'listening')
  return {
    port: portOf(server),
    visits,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

/** Lives for an hour, however short the CA's leaves are. */
async function servingCertificate(ca: TestCa, identity: WorkloadIdentity) {
  const now = new Date()
  const source = { chain: parseCertificates(ca.issuerPem), signer: createNodeSigner(ca.issuerKey) }
  const { trustAnchors } = ca
  const issuer = await createIssuer({ ...source, trustAnchors, now }, { lifetimeMs: 3_600_000, verifier: nodeVerifier })
  const privateKey = generateNodePrivateKey('P-256')
  const { der } = await issuer.issue({ identity, key: createNodeSigner(privateKey).key, now })
  const cert = [der, ...issuer.chain].map((each) => encodeCertificatePem(parseCertificate(each))).join('')
  return { cert, key: privateKey.toPkcs8Pem() }
}

function visitOf(socket: TLSSocket & { readonly servername?: string | false | null }): Visit {
  const certificate = socket.getPeerX509Certificate()
  return {
    serverName: socket.servername ?? false,
    alpn: socket.alpnProtocol ?? false,
    protocol: socket.getProtocol(),
    clientNotAfter: certificate && new Date(certificate.validTo),
  }
}
