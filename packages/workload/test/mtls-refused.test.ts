import { authorizeId } from '@meshid/svid'
import { createTestCa } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { dial, rawTcp, rawTls, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { credentialOf, now, rawIdentity, voting, web } from './world.ts'

const ca = await createTestCa({ now })
const webCredential = await credentialOf(ca, web)
const votingCredential = await credentialOf(ca, voting)
const good = await rawIdentity(ca, { spiffeId: web })

// Who is refused for what it shows, on every adapter and either side: see adapters/mtls-matrix.test.ts.
describe('a client that is refused by the server, before a byte of it is read', () => {
  const trust = trustIn(ca, { authorize: authorizeId(web) })
  const start = () => startEcho({ source: sourceOf(votingCredential), trust })

  test('no common cipher: an alert says so', async () => {
    await using server = await start()
    const options = { ...good, ciphers: 'TLS_AES_128_CCM_SHA256' }
    const [end, error] = await Promise.all([rawTls(server.port, options), server.refused.next()])
    expect(error).toMatchObject({
      code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
      detail: { found: 'ERR_SSL_NO_SHARED_CIPHER' },
    })
    expect(end).toEqual({ code: expect.stringMatching(/^ERR_SSL_.*ALERT/), bytes: 0 })
    expect(server.peers.all).toEqual([])
  })

  test('plain HTTP', async () => {
    await using server = await start()
    const [, error] = await Promise.all([rawTcp(server.port, 'GET / HTTP/1.1\r\n\r\n'), server.refused.next()])
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found: 'ERR_SSL_HTTP_REQUEST' } })
    expect(server.peers.all).toEqual([])
  })

  test('a connection that is closed at once, as a probe does', async () => {
    await using server = await start()
    const [, error] = await Promise.all([rawTcp(server.port, ''), server.refused.next()])
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found: 'ECONNRESET' } })
  })

  test('a connection that says nothing, at the deadline', async () => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust, handshakeTimeoutMs: 50 })
    const [, error] = await Promise.all([rawTcp(server.port), server.refused.next()])
    expect(error.detail.found).toBe('ERR_TLS_HANDSHAKE_TIMEOUT')
  })

  test.each(['accepted', 'judged'])(
    'a fault of the program while a peer is %s: it is refused, the next is served',
    async (step) => {
      let calls = 0
      const faulty = trustIn(ca, {
        now() {
          calls += 1
          if (calls === (step === 'accepted' ? 1 : 2)) throw new TypeError('no clock')
          return now
        },
      })
      await using server = await startEcho({ source: sourceOf(votingCredential), trust: faulty })
      const [end, error] = await Promise.all([rawTls(server.port, good), server.refused.next()])
      expect(end).toEqual({ code: 'ECONNRESET', bytes: 0 })
      expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', cause: new TypeError('no clock') })
      const { socket } = await dial(server.port, webCredential, trustIn(ca))
      await server.peers.next()
      socket.destroy()
    },
  )
})
