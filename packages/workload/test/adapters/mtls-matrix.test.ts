import { once } from 'node:events'
import { connect as tlsConnect, createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { createQueue } from '../queue.ts'
import { createMtlsHttp2Server, createMtlsHttpsServer, type MtlsEndOptions, WorkloadError } from '@meshid/workload'
import { afterAll, describe, expect, test } from 'vitest'
import { listening, portOf, sourceOf } from '../mtls-rig.ts'
import { credentialOf, voting, web } from '../world.ts'
import { adapterRows } from './adapter-rows.ts'
import { startForeignServer } from './foreign-server.ts'
import { createImpostorWorld, type Impostor } from './impostors.ts'

const { ca, trust, good, impostors } = await createImpostorWorld()
const credential = await credentialOf(ca, voting)
const source = sourceOf(credential)

const outdated: SecureContextOptions = { ...good, maxVersion: 'TLSv1.2' }
const failed = 'WORKLOAD_PEER_HANDSHAKE_FAILED'

const clients: readonly Impostor[] = [
  { what: 'no certificate at all', identity: {}, code: 'WORKLOAD_PEER_NO_CERTIFICATE', found: 'SVID_CHAIN_EMPTY' },
  { what: 'TLS 1.2', identity: outdated, code: failed, found: 'ERR_SSL_UNSUPPORTED_PROTOCOL' },
  ...impostors,
]
const servers: readonly Impostor[] = [
  { what: 'no certificate at all', identity: {}, code: failed, found: 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE' },
  { what: 'TLS 1.2', identity: outdated, code: failed, found: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
  ...impostors,
]

/** What the log of the side that was refused shows: a TCP reset or a TLS alert, and never an orderly end. */
const resets = [
  'ECONNRESET',
  'EPIPE',
  'EPROTO',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM',
  'UNAVAILABLE',
]

/** What a caller might hope to switch off with Node's own options. */
const lax = {
  requestCert: false,
  rejectUnauthorized: false,
  minVersion: 'TLSv1.2',
  secureOptions: 0,
  ticketKeys: Buffer.alloc(48),
  SNICallback: (_name: string, done: (error: null, context: SecureContext) => void) => {
    done(null, createSecureContext({ ...good, minVersion: 'TLSv1.2' }))
  },
}

const tally = new Map<string, number>()
const count = (line: string): void => void tally.set(line, (tally.get(line) ?? 0) + 1)
afterAll(() => {
  const lines = [...tally]
    .map(([line, times]) => `${line}: ${times}`)
    .toSorted((one, other) => one.localeCompare(other))
  const total = [...tally.values()].reduce((sum, times) => sum + times, 0)
  process.stdout.write(`${lines.join('\n')}\n${total} refusals over real sockets\n`)
})

describe.each(adapterRows)('$name', (row) => {
  test.each(clients)('the server refuses a client: $what', async ({ identity, code, found, trust: own = trust }) => {
    const refused = createQueue<WorkloadError>()
    const server = await row.startServer({ source, trust: own, onRefused: (error) => refused.push(error) })
    const seen = await row.askForeign(server.port, identity)
    const error = await refused.next()
    expect({ code: error.code, found: error.detail.found }).toEqual({ code, found })
    expect(resets).toContain(seen)
    count(`${row.name}: the server refuses, the client sees ${seen}`)
    await server.close()
  })

  test.each(servers)('the client refuses a server: $what', async ({ identity, code, found, trust: own = trust }) => {
    await using server = await startForeignServer(identity, row.alpnProtocols)
    const client = row.createClient({ port: server.port, source, trust: own })
    const error: unknown = await client.ask().catch((refusal: unknown) => refusal)
    if (error instanceof WorkloadError) {
      expect({ code: error.code, found: error.detail.found }).toEqual({ code, found })
    } else {
      expect(error).toMatchObject({ code: 14, message: expect.stringContaining(found) })
    }
    const seen = await server.seen.next()
    await client.close()
    expect(server.heard).toEqual([])
    expect(resets).toContain(seen)
    count(`${row.name}: the client refuses, the server sees ${seen}`)
  })

  describe('where somebody has put a context of his own into the server', () => {
    const start = async () => {
      const refused = createQueue<WorkloadError>()
      const running = await row.startServer({ source, trust, onRefused: (error) => refused.push(error) })
      expect(await row.askForeign(running.port, good)).toContain(String(web))
      // With tickets, and with TLS 1.2, as Node has it by default.
      running.server.setSecureContext({ cert: credential.certificateChainPem, key: credential.privateKeyPem() })
      const alpn = row.alpnProtocols === undefined ? {} : { ALPNProtocols: [...row.alpnProtocols] }
      return { refused, running, options: { host: '127.0.0.1', port: running.port, ...good, ...alpn } }
    }

    test('the server refuses a resumed session (JS-7)', async () => {
      const { refused, running, options } = await start()
      const first = tlsConnect({ ...options, rejectUnauthorized: false }).resume()
      const [session] = (await once(first, 'session')) as [Buffer]
      first.destroy()
      const second = tlsConnect({ ...options, rejectUnauthorized: false, session }).resume()
      const [seen] = (await once(second, 'error')) as [NodeJS.ErrnoException]
      expect(await refused.next()).toMatchObject({ code: 'WORKLOAD_PEER_RESUMED' })
      count(`${row.name}: the server refuses, the client sees ${seen.code}`)
      await running.close()
    })

    test('the server refuses TLS 1.2', async () => {
      const { refused, running } = await start()
      const seen = await row.askForeign(running.port, outdated)
      expect(await refused.next()).toMatchObject({ code: 'WORKLOAD_PEER_TLS_OUTDATED', detail: { found: 'TLSv1.2' } })
      expect(resets).toContain(seen)
      count(`${row.name}: the server refuses, the client sees ${seen}`)
      await running.close()
    })
  })

  test('the client never offers a session to a server that would resume it (JS-7, X509-38)', async () => {
    await using server = await startForeignServer(good, row.alpnProtocols)
    const asking = [1, 2].map(() => row.createClient({ port: server.port, source, trust }))
    for (const client of asking) {
      void client.ask().catch(() => 'the server never answers')
      expect(await server.resumed.next()).toBe(false)
    }
    for (const client of asking) await client.close()
  })
})

describe("Node's TLS options, given where only others are meant", () => {
  test.each([
    ['https', (options: MtlsEndOptions) => createMtlsHttpsServer({ ...options, http: lax as object }), 'http/1.1'],
    ['http2', (options: MtlsEndOptions) => createMtlsHttp2Server({ ...options, http2: lax as object }), 'h2'],
  ] as const)('%s: change nothing', async (_name, create, protocol) => {
    const refused = createQueue<WorkloadError>()
    const server = await listening(create({ source, trust, onRefused: (error) => refused.push(error) }))
    const options = { host: '127.0.0.1', port: portOf(server), ALPNProtocols: [protocol], servername: 'example.org' }
    for (const identity of [{}, outdated]) {
      const socket = tlsConnect({ ...options, ...identity, rejectUnauthorized: false })
      await once(socket, 'close').catch(() => {})
    }
    expect((await refused.next()).code).toBe('WORKLOAD_PEER_NO_CERTIFICATE')
    expect((await refused.next()).detail.found).toBe('ERR_SSL_UNSUPPORTED_PROTOCOL')
    await new Promise((resolve) => server.close(resolve))
  })
})
