import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { credentials } from '@grpc/grpc-js'
import { parseCertificate } from '@meshid/certificate'
import { type CertifyRequest, createIdentityClient } from '@meshid/rpc'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { createTestCa, openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { certifyByTls, certifyOver, connectTls, SERVER_NAME, shown, type ShownCertificate } from './tls-clients.ts'
import { createWorld, goodRequest, secret, webLinkerdName, webSpiffeId, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const DAY_MS = 86_400_000
const web = linkerdName({
  serviceAccount: serviceAccount('emojivoto', 'web'),
  controlNamespace: 'linkerd',
  trustDomain: parseTrustDomain('cluster.local'),
})

/** The port of the TLS listener, from the log. */
async function tlsPort({ log }: Pick<ServerProcess, 'log'>): Promise<number> {
  const { msg } = await log.next(/^starting gRPC server with TLS on /)
  return Number(/:(\d+)$/.exec(msg)?.[1])
}

/** A certificate that names web and was signed by nobody else, made by openssl. */
async function selfSigned(): Promise<ShownCertificate> {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/']
  const { stdout } = await openssl([
    'req',
    '-x509',
    ...kind,
    '-addext',
    `subjectAltName=DNS:${webLinkerdName}`,
    '-keyout',
    '-',
  ])
  const pem = stdout.toString()
  const from = pem.indexOf('-----BEGIN CERTIFICATE-----')
  return { cert: pem.slice(from), key: pem.slice(0, from) }
}

describe('a server with --tls-addr, in profile linkerd, without a sidecar', () => {
  let world: World
  let server: ServerProcess
  let port: number
  let request: CertifyRequest
  beforeAll(async () => {
    world = await createWorld()
    server = await startServer(world, ['--profile=linkerd', '--tls-addr=127.0.0.1:0'])
    port = await tlsPort(server)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })
  const tlsOptions = (more: ConnectionOptions = {}): ConnectionOptions => ({ port, ca: world.ca.rootPem, ...more })
  const fresh = async () => (request = await goodRequest(world, webLinkerdName))

  test('a TLS 1.3 client without ALPN that speaks h2 at once gets a certificate, as linkerd2-proxy would (section 18)', async () => {
    const connection = await connectTls(tlsOptions())
    expect(connection).toMatchObject({ alpnProtocol: false, authorized: true })
    const { leafCertificate, intermediateCertificates } = await certifyOver(connection, await fresh())
    expect(parseCertificate(leafCertificate).subjectAltNames?.dnsNames).toEqual([webLinkerdName])
    expect(intermediateCertificates).toHaveLength(1)
    await server.log.next(
      /^TLS connection from 127\.0\.0\.1:\d+: server name linkerd-identity\..*, client certificate none$/,
    )
  })

  test('so do grpc-js over plain h2c and grpc-js over TLS with ALPN', async () => {
    expect((await server.certify(await fresh())).leafCertificate.length).toBeGreaterThan(300)
    const isServer = (_host: string, certificate: PeerCertificate) => checkServerIdentity(SERVER_NAME, certificate)
    const secure = credentials.createSsl(Buffer.from(world.ca.rootPem), null, null, { checkServerIdentity: isServer })
    using client = createIdentityClient({ address: `127.0.0.1:${port}`, credentials: secure })
    expect((await client.certify(await fresh())).leafCertificate.length).toBeGreaterThan(300)
  })

  test('a client certificate that is valid is told in the log, and changes nothing', async () => {
    const from = server.log.length
    const client = shown(await world.ca.issue({ dnsName: web }, { now: new Date() }))
    const { leafCertificate } = await certifyByTls(await fresh(), tlsOptions(client))
    expect(leafCertificate.length).toBeGreaterThan(300)
    await server.log.next(new RegExp(`client certificate of ${webLinkerdName}$`), { from })
    const stranger = { ...request, token: new TextEncoder().encode('no token') }
    await expect(certifyByTls(stranger, tlsOptions(client))).rejects.toThrow(/^3: /)
  })

  test.each([
    {
      of: 'that expired (Q36)',
      make: async () => shown(await world.ca.issue({ dnsName: web }, { now: new Date(Date.now() - 300 * DAY_MS) })),
      told: /not believed \(CERT_EXPIRED\)$/,
    },
    {
      of: 'of another mesh',
      make: async () => shown(await (await createTestCa({ now: new Date() })).issue({ dnsName: web })),
      told: /not believed \(CERT_[A-Z_]+\)$/,
    },
    {
      of: 'of another mesh with SPIFFE IDs',
      make: async () => {
        const other = await createTestCa({ now: new Date(), issuerName: 'elsewhere' })
        return shown(await other.issue({ spiffeId: parseSpiffeId('spiffe://elsewhere/ns/a/sa/b') }))
      },
      told: /not believed \(CERT_UNKNOWN_ISSUER\)$/,
    },
    { of: 'that signed itself', make: selfSigned, told: /not believed \(CERT_[A-Z_]+\)$/ },
  ])('a client certificate $of does not stand in the way', async ({ make, told }) => {
    const from = server.log.length
    const { leafCertificate } = await certifyByTls(await fresh(), tlsOptions(await make()))
    expect(parseCertificate(leafCertificate).subjectAltNames?.dnsNames).toEqual([webLinkerdName])
    await server.log.next(told, { from })
  })

  test('TLS 1.2 is refused', async () => {
    const from = server.log.length
    const old = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    await expect(connectTls(tlsOptions(old))).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
    const line = await server.log.next(/^refused TLS connection from .*: expected TLS 1\.3, found an older version$/, {
      from,
    })
    expect(line).toMatchObject({ level: 'info', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' })
  })

  test('plain h2c on the TLS port is refused, with a line that says where it belongs', async () => {
    const from = server.log.length
    using client = createIdentityClient({ address: `127.0.0.1:${port}`, credentials: 'plaintext', deadlineMs: 5000 })
    await expect(client.certify(await fresh())).rejects.toMatchObject({ status: 'UNAVAILABLE' })
    await server.log.next(/^refused TLS connection from .*: expected TLS, found plain text: .*--addr$/, { from })
  })

  test('openssl sees the chain, for any server name, and no session to resume', async () => {
    const root = join(world.folder, 'root.pem')
    await writeFile(root, world.ca.rootPem)
    const names = ['-verify_hostname', SERVER_NAME, '-CAfile', root]
    const connect = ['s_client', '-tls1_3', '-connect', `127.0.0.1:${port}`, '-showcerts', '-verify_return_error']
    for (const servername of [['-servername', SERVER_NAME], ['-servername', 'any.other.name'], ['-noservername']]) {
      const { stdout, code } = await openssl([...connect, ...servername, ...names])
      const text = stdout.toString()
      expect({ code, text }).toMatchObject({ code: 0 })
      expect(text).toContain('Verification: OK')
      expect(text).toMatch(/New, TLSv1\.3/)
      const sent = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
      expect(sent.slice(1, 2)).toEqual([world.ca.issuerPem])
      const leaf = await openssl(['x509', '-noout', '-ext', 'subjectAltName,extendedKeyUsage'], {
        input: sent[0] ?? '',
      })
      expect(leaf.stdout.toString()).toContain(`DNS:${SERVER_NAME}`)
      expect(leaf.stdout.toString()).toContain('TLS Web Server Authentication')
    }
  })

  test('calls over TLS are counted with all others, handshakes by how they ended', async () => {
    const handled = async () => {
      const { body } = await server.get('/metrics')
      return Number(/^grpc_server_handled_total\{.*grpc_method="Certify",grpc_code="OK"\} (\d+)$/m.exec(body)?.[1])
    }
    const before = await handled()
    await certifyByTls(await fresh(), tlsOptions())
    await expect.poll(handled).toBe(before + 1)
    const { body } = await server.get('/metrics')
    expect(body).toMatch(/^identity_tls_handshakes_total\{result="accepted"\} [1-9]/m)
    expect(body).toMatch(/^identity_tls_handshakes_total\{result="refused"\} [1-9]/m)
    expect(body).toMatch(/^identity_tls_cert_not_after_timestamp_seconds [1-9]/m)
  })
})

describe('the certificate of the server', () => {
  test('is of the new issuer for the next handshake, while open connections live on', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, ['--profile=dual', '--tls-addr=127.0.0.1:0'])
    const options = { port: await tlsPort(server), ca: world.ca.rootPem }
    await server.log.next(new RegExp(`^issued the certificate of this server, ${SERVER_NAME}, until .*: [0-9a-f]{64}$`))
    const open = await connectTls(options)
    expect(open.getPeerX509Certificate()?.issuer).toBe('CN=identity.linkerd.cluster.local')

    const next = await world.ca.anotherIssuer('the next')
    await world.issuer.update(secret(next.pem, next.key.toPkcs8Pem()))
    await server.log.next(/^Updated identity issuer/)
    const later = await connectTls(options)
    const shownLater = later.getPeerX509Certificate() // once: Node gives it away a single time
    expect(shownLater?.issuer).toBe('CN=the next')
    expect(shownLater?.subjectAltName).toBe(
      `DNS:${SERVER_NAME}, URI:spiffe://cluster.local/ns/linkerd/sa/linkerd-identity`,
    )
    for (const connection of [open, later]) {
      const { leafCertificate } = await certifyOver(connection, await goodRequest(world, webSpiffeId))
      expect(parseCertificate(leafCertificate).issuer.commonName).toBe('the next')
    }
  })

  test('in profile spiffe has the SPIFFE ID of the account it is told', async () => {
    await using world = await createWorld()
    await using server = await startServer(world, ['--tls-addr=127.0.0.1:0', '--tls-service-account=issuer'])
    const connection = await connectTls({
      port: await tlsPort(server),
      ca: world.ca.rootPem,
      checkServerIdentity: () => undefined,
    })
    expect(connection.getPeerCertificate().subjectaltname).toBe('URI:spiffe://cluster.local/ns/linkerd/sa/issuer')
    expect(await certifyOver(connection, await goodRequest(world))).toBeDefined()
  })
})

describe('the end of a server with TLS', () => {
  test.each(['http2', 'grpc-js'])(
    'lets a call over TLS and %s finish, accepts no more, status 0',
    async (transport) => {
      await using world = await createWorld()
      const flags = ['--profile=linkerd', '--tls-addr=127.0.0.1:0', `--transport=${transport}`]
      await using server = await startServer(world, flags)
      const options = { port: await tlsPort(server), ca: world.ca.rootPem }
      const idle = await connectTls(options)
      const connection = await connectTls(options)
      const request = await goodRequest(world, webLinkerdName)
      world.api.setLatency(1000)
      const call = certifyOver(connection, request)
      await server.log.next(/^Validating token for /)
      server.signal('SIGTERM')
      await server.log.next(/^shutting down gRPC server on/)
      await expect(connectTls(options)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      expect((await call).leafCertificate.length).toBeGreaterThan(300)
      idle.resume()
      await once(idle, 'close')
      expect(await server.ended).toBe(0)
    },
  )
})
