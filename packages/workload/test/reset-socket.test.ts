import { once } from 'node:events'
import { createTestCa } from '@meshid/testkit'
import { createMtlsServer, type MtlsConnection } from '@meshid/workload'
import { expect, test } from 'vitest'
import { dial, listening, portOf, sourceOf, trustIn } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { credentialOf, now, voting, web } from './world.ts'

const ca = await createTestCa({ now })
const webCredential = await credentialOf(ca, web)
const votingCredential = await credentialOf(ca, voting)

/** Both ends of one connection, and a way to see that nothing of it is left. */
async function connection() {
  const accepted = createQueue<MtlsConnection>()
  const onConnection = (theirs: MtlsConnection): void => accepted.push(theirs)
  const server = createMtlsServer({ source: sourceOf(votingCredential), trust: trustIn(ca), onConnection })
  await listening(server)
  const ours = await dial(portOf(server), webCredential, trustIn(ca))
  const theirs = await accepted.next()
  theirs.socket.write('hello')
  await once(ours.socket, 'data') // The handshake is over: what the server still says at its end (tickets) has been read.
  return { ours, theirs, closed: () => new Promise((resolve) => server.close(resolve)) }
}

test.each(['ours', 'theirs'] as const)('%s: a reset is an error at the other end, not an end', async (side) => {
  const { closed, ...ends } = await connection()
  const other = side === 'ours' ? ends.theirs : ends.ours
  ends[side].socket.write('a part')
  const [part] = (await once(other.socket, 'data')) as [Buffer]
  expect(String(part)).toBe('a part')
  const failed = once(other.socket, 'error')
  ends[side].reset()
  expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
  expect(ends[side].socket.destroyed).toBe(true)
  await closed()
})

/** When a reset may come, and whether the other end must see it. */
const orders: readonly (readonly [string, boolean, (end: MtlsConnection) => void])[] = [
  ['twice', true, ({ reset }) => (reset(), reset())],
  ['before a destroy', true, ({ reset, socket }) => (reset(), socket.destroy())],
  ['after a destroy', false, ({ reset, socket }) => (socket.destroy(), reset())],
  ['after an error', false, ({ reset, socket }) => (socket.destroy(new Error('broken')), reset())],
  ['after an end', false, ({ reset, socket }) => (socket.end('bye'), reset())],
  ['with more to write than fits', true, ({ reset, socket }) => (socket.write(Buffer.alloc(5_000_000)), reset())],
]

// Resetting the TCP socket below TLS crashed Node in some of these orders.
test.each(orders)('a reset %s closes the connection and harms nobody', async (_what, isSeen, end) => {
  for (const side of ['ours', 'theirs'] as const) {
    const { closed, ...ends } = await connection()
    for (const { socket } of [ends.ours, ends.theirs]) socket.on('error', () => {}).resume()
    const other = (side === 'ours' ? ends.theirs : ends.ours).socket
    let error: Error | undefined
    other.on('error', (found) => (error = found))
    other.once('end', () => other.end())
    const ended = new Promise((resolve) => {
      other.once('close', resolve)
    })
    end(ends[side])
    await ended
    await closed()
    expect(ends[side].socket.destroyed).toBe(true)
    if (isSeen) expect(error).toMatchObject({ code: 'ECONNRESET' })
  }
})
