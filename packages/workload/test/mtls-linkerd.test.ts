import { linkerdName, serviceAccount } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { connectMtls, createMtlsServer, type LinkerdPeer, type WorkloadError } from '@meshid/workload'
import { expect, onTestFinished, test } from 'vitest'
import { linkerdCredential, linkerdTrustIn } from './linkerd-rig.ts'
import { echo, listening, portOf, sourceOf, trustIn } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, now, trustDomain, web, webDnsName } from './world.ts'

const ca = await createTestCa({ now })
const votingDnsName = linkerdName({
  serviceAccount: serviceAccount('emojivoto', 'voting'),
  controlNamespace: 'linkerd',
  trustDomain,
})
const webSource = sourceOf(await linkerdCredential(ca, webDnsName))
const votingSource = sourceOf(await linkerdCredential(ca, votingDnsName))
const votingName = votingDnsName.toString()

async function startServer(serverName?: string) {
  const peers = createQueue<LinkerdPeer>()
  const refused = createQueue<WorkloadError>()
  const server = await listening(
    createMtlsServer({
      source: votingSource,
      trust: linkerdTrustIn(ca),
      ...(serverName === undefined ? {} : { serverName }),
      onRefused: (error) => refused.push(error),
      onConnection({ socket, peer }) {
        socket.on('error', () => {})
        socket.pipe(socket)
        peers.push(peer)
      },
    }),
  )
  onTestFinished(() => void server.close())
  return { port: portOf(server), peers, refused }
}

const dial = (port: number, serverName?: string) =>
  connectMtls({
    host: '127.0.0.1',
    port,
    source: webSource,
    trust: linkerdTrustIn(ca),
    ...(serverName === undefined ? {} : { serverName }),
  })

test('two workloads of a Linkerd mesh see the DNS identity of each other', async () => {
  const { port, peers } = await startServer(votingName)
  const { socket, peer } = await dial(port, votingName)
  expect(await echo(socket, 'hello')).toBe('hello')
  expect(peer.linkerdName.equals(votingDnsName)).toBe(true)
  expect((await peers.next()).linkerdName.equals(webDnsName)).toBe(true)
  socket.destroy()
})

test.each([
  [undefined, 'none'],
  ['other.example', 'other.example'],
])('who asks for %s is refused by a server that has a name', async (asked, found) => {
  const { port, refused } = await startServer(votingName)
  const connection = await dial(port, asked).catch(() => undefined)
  connection?.socket.on('error', () => {})
  expect(await refused.next()).toMatchObject({
    code: 'WORKLOAD_PEER_WRONG_SERVER_NAME',
    detail: { expected: votingName, found },
  })
  connection?.reset()
})

test('without a name a server takes whatever was asked for', async () => {
  const { port } = await startServer()
  for (const asked of [undefined, 'other.example']) {
    const { socket } = await dial(port, asked)
    expect(await echo(socket, 'hello')).toBe('hello')
    socket.destroy()
  }
})

test('a peer that has only a SPIFFE ID is refused on either side, and the other way round', async () => {
  const { port, refused } = await startServer()
  const spiffe = sourceOf(await credentialOf(ca, web))
  const connection = await connectMtls({ host: '127.0.0.1', port, source: spiffe, trust: linkerdTrustIn(ca) })
  connection.socket.on('error', () => {})
  expect(await refused.next()).toMatchObject({ code: 'WORKLOAD_PEER_NAMES_INVALID' })
  connection.reset()

  const asSpiffe = { host: '127.0.0.1', port, source: webSource, trust: trustIn(ca) }
  expect(await refusalOf(() => connectMtls(asSpiffe))).toMatchObject({
    code: 'WORKLOAD_PEER_UNTRUSTED',
    detail: { found: 'SVID_NO_URI_NAME' },
  })
})

test('anchors that are replaced count from the next connection on, on both sides', async () => {
  const foreign = await createTestCa({ now })
  const anchors = { current: ca.trustAnchors }
  const refused = createQueue<WorkloadError>()
  const trust = linkerdTrustIn(ca, { trustAnchors: anchors })
  const server = await listening(
    createMtlsServer({
      source: votingSource,
      trust,
      onRefused: (error) => refused.push(error),
      onConnection: ({ socket }) => socket.on('error', () => {}).pipe(socket),
    }),
  )
  const options = { host: '127.0.0.1', port: portOf(server), source: webSource }
  const { socket } = await connectMtls({ ...options, trust: linkerdTrustIn(ca) })
  expect(await echo(socket, 'before')).toBe('before')
  anchors.current = foreign.trustAnchors
  expect(await refusalOf(() => connectMtls({ ...options, trust }))).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED' })
  const refusedThere = await connectMtls({ ...options, trust: linkerdTrustIn(ca) })
  refusedThere.socket.on('error', () => {})
  expect(await refused.next(({ code }) => code === 'WORKLOAD_PEER_UNTRUSTED')).toBeDefined()
  expect(await echo(socket, 'after')).toBe('after')
  socket.destroy()
  refusedThere.reset()
  server.close()
})
