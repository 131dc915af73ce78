import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectTo, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseSpiffeId, parseTrustDomain } from '@meshid/spiffe-id'
import { authorizeAny, authorizeId } from '@meshid/svid'
import { createTestCa } from '@meshid/testkit'
import { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'
import {
  connectMtls,
  connectMtlsHttp2,
  createMtlsHttpsAgent,
  createMtlsHttpsServer,
  createMtlsServer,
  type MtlsRequestOptions,
  peerIdentity,
  type PeerTrust,
  WorkloadError,
} from '@meshid/workload'
import { createMtlsDispatcher } from '@meshid/workload/undici'
import { fetch } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useFolders } from '../folders.ts'
import { linkerdCredential, linkerdTrustIn } from '../linkerd-rig.ts'
import { listening, portOf, sourceOf, trustIn } from '../mtls-rig.ts'
import { createQueue } from '../queue.ts'
import { credentialOf, now, rawIdentity, voting, web, webDnsName } from '../world.ts'
import { startForeignServer } from './foreign-server.ts'
import { tlsRow } from './tls-row.ts'

const newFolder = useFolders()
const ca = await createTestCa({ now })
const source = sourceOf(await credentialOf(ca, voting))
const clientSource = sourceOf(await credentialOf(ca, web))
const trust = trustIn(ca)
const host = '127.0.0.1'

/** An HTTPS server, and how many connections it has seen. */
async function startCounting() {
  const server = await listening(createMtlsHttpsServer({ source, trust }, (_question, answer) => answer.end('yes')))
  let connections = 0
  server.on('secureConnection', () => (connections += 1))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: portOf(server), connections: () => connections }
}

function agentOf(options: Partial<Parameters<typeof createMtlsHttpsAgent>[0]> = {}) {
  const agent = createMtlsHttpsAgent({ source: clientSource, trust, ...options })
  onTestFinished(() => agent.destroy())
  return agent
}

async function get(options: MtlsRequestOptions): Promise<string> {
  const [response] = (await once(request({ host, ...options }).end(), 'response')) as [IncomingMessage]
  return text(response)
}
const codeOf = async (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'none',
    (error: unknown) => (error instanceof WorkloadError ? error.code : String(error)),
  )

describe('the https agent', () => {
  test('keeps connections for those who expect the same peer, and for nobody else', async () => {
    const { port, connections } = await startCounting()
    const agent = agentOf()
    for (const expectedPeer of [undefined, voting, undefined, voting, parseSpiffeId(String(voting))]) {
      expect(await get({ port, agent, ...(expectedPeer ? { expectedPeer } : {}) })).toBe('yes')
    }
    expect(connections()).toBe(2)
    expect(await codeOf(get({ port, agent, expectedPeer: web }))).toBe('WORKLOAD_PEER_NOT_AUTHORIZED')
  })

  test('an expected peer that the trust of the agent does not admit is not admitted', async () => {
    const { port } = await startCounting()
    const agent = agentOf({ trust: trustIn(ca, { authorize: authorizeId(web) }) })
    expect(await codeOf(get({ port, agent, expectedPeer: voting }))).toBe('WORKLOAD_PEER_NOT_AUTHORIZED')
  })

  test('an expected peer must be named in the way of the mesh', async () => {
    const { port } = await startCounting()
    expect(await codeOf(get({ port, agent: agentOf(), expectedPeer: webDnsName }))).toMatch(/^TypeError: expectedPeer/)
    const agent = agentOf({ trust: linkerdTrustIn(ca) as unknown as PeerTrust })
    expect(await codeOf(get({ port, agent, expectedPeer: voting }))).toMatch(/^TypeError: expectedPeer/)
  })

  test('a Linkerd peer may be expected', async () => {
    const linkerd = { source: sourceOf(await linkerdCredential(ca, webDnsName)), trust: linkerdTrustIn(ca) }
    const server = await listening(createMtlsHttpsServer(linkerd, (_question, answer) => answer.end('yes')))
    const agent = createMtlsHttpsAgent(linkerd)
    onTestFinished(() => {
      agent.destroy()
      server.close()
    })
    const port = portOf(server)
    expect(await get({ port, agent, expectedPeer: webDnsName })).toBe('yes')
    const { leaf } = await linkerdCredential(ca, webDnsName)
    expect(leaf.subjectAltNames?.dnsNames).toEqual([String(webDnsName)])
  })

  test('whom to trust may follow from where the request goes', async () => {
    const { port } = await startCounting()
    const asked: string[] = []
    const agent = agentOf({
      trust: ({ host: asking, port: at }) => {
        asked.push(`${asking} ${at === port}`)
        return trustIn(ca, { authorize: authorizeId(asking === 'localhost' ? voting : web) })
      },
    })
    expect(await get({ host: 'localhost', port, agent })).toBe('yes')
    expect(await codeOf(get({ port, agent }))).toBe('WORKLOAD_PEER_NOT_AUTHORIZED')
    expect(asked).toEqual(['localhost true', '127.0.0.1 true'])
  })

  test('a burst opens no more connections than are allowed, although each takes its time', async () => {
    const { port, connections } = await startCounting()
    const agent = agentOf({ pool: { maxSockets: 2 } })
    const answers = await Promise.all(Array.from({ length: 20 }, () => get({ port, agent })))
    expect(new Set(answers)).toEqual(new Set(['yes']))
    expect(connections()).toBe(2)
  })

  test('when a connection fails, requests that wait for one fail too, each with the reason', async () => {
    const { port } = await startCounting()
    const agent = agentOf({ pool: { maxSockets: 1 }, trust: trustIn(ca, { authorize: authorizeId(web) }) })
    const codes = await Promise.all(Array.from({ length: 3 }, () => codeOf(get({ port, agent }))))
    expect(codes).toEqual(Array.from({ length: 3 }, () => 'WORKLOAD_PEER_NOT_AUTHORIZED'))
  })

  test('TLS options of a request change nothing', async () => {
    await using server = await startForeignServer(await rawIdentity(await createTestCa({ now }), { spiffeId: voting }))
    const lax = { rejectUnauthorized: false, checkServerIdentity: () => undefined, servername: 'example.org' }
    const code = await codeOf(get({ port: server.port, agent: agentOf(), ...lax }))
    expect(code).toBe('WORKLOAD_PEER_UNTRUSTED')
    expect(server.heard).toEqual([])
  })

  test('a path of a socket is no destination', async () => {
    expect(await codeOf(get({ socketPath: '/nowhere', agent: agentOf() }))).toMatch(/^TypeError: socketPath/)
  })
})

describe('the undici dispatcher', () => {
  test('fetch goes over mTLS, whatever the scheme says, and tells why it did not', async () => {
    const { port } = await startCounting()
    const dispatcher = createMtlsDispatcher({ source: clientSource, trust, timeoutMs: 10_000 })
    for (const scheme of ['https', 'http']) {
      const response = await fetch(`${scheme}://localhost:${port}/`, { dispatcher })
      expect(await response.text()).toBe('yes')
    }
    await dispatcher.close()
    const strict = createMtlsDispatcher({
      source: clientSource,
      trust: ({ host: asking }) => trustIn(ca, { authorize: authorizeId(asking === '::1' ? voting : web) }),
    })
    const refused = fetch(`https://127.0.0.1:${port}/`, { dispatcher: strict })
    await expect(refused).rejects.toMatchObject({ cause: { code: 'WORKLOAD_PEER_NOT_AUTHORIZED' } })
    await strict.destroy()
  })
})

describe('the HTTP/2 client', () => {
  test('a server that speaks something else', async () => {
    await using server = await startForeignServer(await rawIdentity(ca, { spiffeId: voting }), ['spdy/3'])
    const code = await codeOf(connectMtlsHttp2({ host, port: server.port, source: clientSource, trust }))
    expect(code).toBe('WORKLOAD_PEER_HANDSHAKE_FAILED')
  })
})

test('federated peers are judged by their own bundles, and told apart (X509-28)', async () => {
  const otherCa = await createTestCa({ now })
  const otherDomain = parseTrustDomain('other.local')
  const stranger = parseSpiffeId('spiffe://other.local/ns/shop/sa/web')
  const bundles = createTrustBundleSet([
    createTrustBundle({ trustDomain: web.trustDomain, x509Authorities: [ca.root] }),
    createTrustBundle({ trustDomain: otherDomain, x509Authorities: [otherCa.root] }),
  ])
  const federated: PeerTrust = { bundles, authorize: authorizeAny(), now: () => now }
  const server = await tlsRow.startServer({ source, trust: federated })
  for (const [id, authority] of [
    [web, ca],
    [stranger, otherCa],
  ] as const) {
    const client = tlsRow.createClient({
      port: server.port,
      source: sourceOf(await credentialOf(authority, id)),
      trust: federated,
    })
    expect(await client.ask()).toBe(String(id))
    await client.close()
  }
  await server.close()
})

test('a server on a Unix socket admits and refuses as on TCP', async () => {
  const path = join(await newFolder(), 'mtls.sock')
  const refused = createQueue<WorkloadError>()
  const admitted = createQueue<string>()
  const server = createMtlsServer({
    source,
    trust: trustIn(ca, { authorize: authorizeId(web) }),
    onRefused: (error) => refused.push(error),
    onConnection: ({ socket }) => {
      admitted.push(String(peerIdentity(socket).spiffeId))
      socket.destroy()
    },
  })
  server.listen(path)
  await once(server, 'listening')
  // A client of TCP reaches it through a relay.
  const relay = await listening(createServer())
  onTestFinished(() => {
    server.close()
    relay.close()
  })
  relay.on('connection', (near) => {
    const far = near.pipe(connectTo(path))
    far.pipe(near)
    for (const socket of [near, far]) socket.on('error', () => {})
  })
  const dial = (from: typeof source) => connectMtls({ host, port: portOf(relay), source: from, trust })
  const { socket } = await dial(clientSource)
  expect(await admitted.next()).toBe(String(web))
  socket.destroy()
  const second = await dial(source).catch(() => undefined)
  second?.socket.on('error', () => {})
  expect((await refused.next()).code).toBe('WORKLOAD_PEER_NOT_AUTHORIZED')
  second?.socket.destroy()
})
