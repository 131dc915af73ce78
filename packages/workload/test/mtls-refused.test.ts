import { createServer, type SecureContextOptions } from 'node:tls'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { authorizeId } from '@meshid/svid'
import { createTestCa } from '@meshid/testkit'
import type { WorkloadErrorCode } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { dial, listening, portOf, rawTcp, rawTls, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, hourMs, idOf, now, oddLeaf, rawIdentity, voting, web, webDnsName } from './world.ts'

const ca = await createTestCa({ now: new Date(now.getTime() - 3 * hourMs) }) // old enough to have issued what has expired
const foreign = await createTestCa({ now })
const webCredential = await credentialOf(ca, web)
const votingCredential = await credentialOf(ca, voting)
const good = await rawIdentity(ca, { spiffeId: web })
const leafOnly = good.cert.slice(0, good.cert.indexOf('-----END') + '-----END CERTIFICATE-----\n'.length)
const webUri = `subjectAltName=URI:${web.toString()}`
const leafUsage = 'keyUsage=critical,digitalSignature'

type Impostor = readonly [
  what: string,
  identity: SecureContextOptions,
  code: WorkloadErrorCode,
  found: string | undefined,
]

const nobody: Impostor = ['no certificate at all', {}, 'WORKLOAD_PEER_NO_CERTIFICATE', 'SVID_CHAIN_EMPTY']

/** Who is refused, as the code says it, with what stands in `detail.found`. Both sides of TLS are judged by one table. */
const impostors: readonly Impostor[] = [
  [
    'a leaf of a foreign CA that calls itself a member (X509-28)',
    await rawIdentity(foreign, { spiffeId: web }),
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_UNKNOWN_AUTHORITY',
  ],
  [
    'a leaf of another trust domain under the shared CA (JS-6, X509-28)',
    await rawIdentity(ca, { spiffeId: parseSpiffeId('spiffe://other.local/ns/emojivoto/sa/web') }),
    'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
    'other.local',
  ],
  [
    'a leaf with a DNS name only (X509-3, Q41)',
    await rawIdentity(ca, { dnsName: webDnsName }),
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_NO_URI_NAME',
  ],
  [
    'a leaf with two URI names (X509-2, Q41)',
    (await oddLeaf(ca, [`${webUri},URI:https://example.com/`, leafUsage])).raw,
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_MULTIPLE_URI_NAMES',
  ],
  [
    'a leaf that has expired (X509-26)',
    await rawIdentity(ca, { spiffeId: web }, { now: new Date(now.getTime() - 2 * hourMs) }),
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_EXPIRED',
  ],
  [
    'a leaf that is not authorized, although its ID begins with the right one (X509-37)',
    await rawIdentity(ca, { spiffeId: idOf('web-evil') }),
    'WORKLOAD_PEER_NOT_AUTHORIZED',
    idOf('web-evil').toString(),
  ],
  [
    'a CA with a SPIFFE ID and a path, as a leaf (X509-6, X509-13, X509-15)',
    (await oddLeaf(ca, [webUri, 'basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature,keyCertSign']))
      .raw,
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_LEAF_IS_CA',
  ],
  [
    'the issuer itself as a leaf (X509-13)',
    { cert: ca.issuerPem, key: ca.issuerKey.toPkcs8Pem() },
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_NO_URI_NAME',
  ],
  [
    'the trust anchor itself as a leaf (X509-33)',
    { cert: ca.rootPem, key: ca.rootKey.toPkcs8Pem() },
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_NO_URI_NAME',
  ],
  [
    'a leaf that may sign certificates (X509-18)',
    (await oddLeaf(ca, [webUri, 'keyUsage=critical,digitalSignature,keyCertSign'])).raw,
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_LEAF_CAN_SIGN',
  ],
  [
    'a leaf whose ID has no path (X509-7)',
    (await oddLeaf(ca, ['subjectAltName=URI:spiffe://cluster.local', leafUsage])).raw,
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_ID_WITHOUT_PATH',
  ],
  [
    'a leaf whose issuer is not sent (X509-26)',
    { cert: leafOnly, key: good.key },
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_UNKNOWN_AUTHORITY',
  ],
  [
    'a leaf with more certificates than the limit (X509-30)',
    { cert: good.cert + foreign.rootPem.repeat(9), key: good.key },
    'WORKLOAD_PEER_UNTRUSTED',
    'SVID_CHAIN_TOO_LONG',
  ],
]

describe('a client that is refused by the server, before a byte of it is read', () => {
  const trust = trustIn(ca, { authorize: authorizeId(web) })
  const start = () => startEcho({ source: sourceOf(votingCredential), trust })

  test.each([nobody, ...impostors])('%s', async (_what, identity, code, found) => {
    await using server = await start()
    const [end, error] = await Promise.all([rawTls(server.port, identity), server.refused.next()])
    expect({ code: error.code, found: error.detail.found }).toEqual({ code, found })
    expect(end).toEqual({ code: 'ECONNRESET', bytes: 0 })
    expect(server.peers.all).toEqual([])
  })

  test.each([
    [
      'TLS 1.2',
      { ...good, maxVersion: 'TLSv1.2' },
      'ERR_SSL_UNSUPPORTED_PROTOCOL',
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    ],
    ['no common cipher', { ...good, ciphers: 'TLS_AES_128_CCM_SHA256' }, 'ERR_SSL_NO_SHARED_CIPHER', undefined],
  ] as const)('%s: an alert says so', async (_what, options, found, alert) => {
    await using server = await start()
    const [end, error] = await Promise.all([rawTls(server.port, options), server.refused.next()])
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED', detail: { found } })
    expect(end).toEqual({ code: alert ?? expect.stringMatching(/^ERR_SSL_.*ALERT/), bytes: 0 })
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

describe('a server that is refused by the client, before a byte is sent', () => {
  const trust = trustIn(ca, { authorize: authorizeId(web) })

  test.each(impostors)('%s', async (_what, identity, code, found) => {
    const heard = createQueue<string>()
    const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false }, (socket) => {
      socket.on('data', (chunk) => heard.push(String(chunk)))
      socket.on('error', () => {})
    })
    await listening(server)
    try {
      const error = await refusalOf(() => dial(portOf(server), votingCredential, trust))
      expect({ code: error.code, found: error.detail.found }).toEqual({ code, found })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
    expect(heard.all).toEqual([])
  })

  test('a server of TLS 1.2', async () => {
    const server = await listening(createServer({ ...good, maxVersion: 'TLSv1.2' }))
    const error = await refusalOf(() => dial(portOf(server), votingCredential, trust))
    expect(error).toMatchObject({
      code: 'WORKLOAD_PEER_HANDSHAKE_FAILED',
      detail: { found: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
    })
    server.close()
  })
})
