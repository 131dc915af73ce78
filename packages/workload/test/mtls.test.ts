import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, createSecureContext, type TLSSocket } from 'node:tls'
import { authorizeId } from '@meshid/svid'
import { createTestCa } from '@meshid/testkit'
import { createMtlsServer, secureMtls } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { dial, echo, listening, portOf, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { createQueue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, now, rawIdentity, voting, web } from './world.ts'

const newFolder = useFolders()
const ca = await createTestCa({ now })
const webCredential = await credentialOf(ca, web)
const votingCredential = await credentialOf(ca, voting)

test('each side sees the SPIFFE ID of the other, from its verified leaf (X509-1, X509-26, X509-27)', async () => {
  await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
  const { socket, peer } = await dial(server.port, webCredential, trustIn(ca))
  expect(String(peer.spiffeId)).toBe(String(voting))
  expect(peer.certificate.serialNumber).toBe(votingCredential.leaf.serialNumber)
  const client = await server.peers.next()
  expect(String(client.spiffeId)).toBe(String(web))
  expect(client.certificate.serialNumber).toBe(webCredential.leaf.serialNumber)
  expect(Object.isFrozen(peer)).toBe(true)
  expect(await echo(socket, 'hello')).toBe('hello')
  expect(socket.getProtocol()).toBe('TLSv1.3')
  expect(server.refused.all).toEqual([])
  socket.destroy()
})

test('the clock is the one that was given: certificates of 2026 are good whatever day it is (X509-36)', async () => {
  const past = new Date('2001-01-01T00:00:00Z')
  const old = await createTestCa({ now: past })
  const trust = trustIn(old, { now: () => past })
  const source = sourceOf(await credentialOf(old, voting, { at: past }))
  await using server = await startEcho({ source, trust })
  const { socket } = await dial(server.port, await credentialOf(old, web, { at: past }), trust)
  expect(await echo(socket, 'hello')).toBe('hello')
  socket.destroy()
})

test('intermediates are found in whatever order they are sent, among others (X509-30; nodejs/node#65579)', async () => {
  const other = await createTestCa({ now })
  const { cert, key } = await rawIdentity(ca, { spiffeId: web })
  const [leaf = '', issuer = ''] = cert.split(/(?<=-----END CERTIFICATE-----\n)/)
  await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
  const jumbled = [leaf, other.rootPem, ca.rootPem, other.issuerPem, issuer].join('')
  const socket = connect({ host: '127.0.0.1', port: server.port, cert: jumbled, key, rejectUnauthorized: false })
  expect(await echo(socket, 'hello')).toBe('hello')
  expect(String((await server.peers.next()).spiffeId)).toBe(String(web))
  socket.destroy()
})

test('a closed half is passed on: the answer comes after the end of the question', async () => {
  await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
  const { socket } = await dial(server.port, webCredential, trustIn(ca))
  socket.end('all of it')
  expect(await text(socket)).toBe('all of it')
})

test('a closed half is passed on in the other direction too', async () => {
  const received = createQueue<string>()
  const server = await listening(
    createMtlsServer({
      source: sourceOf(votingCredential),
      trust: trustIn(ca),
      onConnection({ socket }) {
        socket.end('bye')
        void text(socket).then((all) => received.push(all))
      },
    }),
  )
  const { socket } = await dial(portOf(server), webCredential, trustIn(ca))
  expect(await text(socket)).toBe('bye')
  socket.end('still here')
  expect(await received.next()).toBe('still here')
  server.close()
})

test('HTTP runs over both ends', async () => {
  const http = createHttpServer((request, response) => response.end(`${request.method} ${request.url}`))
  const server = await listening(
    createMtlsServer({
      source: sourceOf(votingCredential),
      trust: trustIn(ca),
      onConnection: ({ socket }) => void http.emit('connection', socket),
    }),
  )
  const { socket } = await dial(portOf(server), webCredential, trustIn(ca))
  const request = httpRequest({ createConnection: () => socket, path: '/vote' }).end()
  const [response] = await once(request, 'response')
  expect(await text(response)).toBe('GET /vote')
  socket.destroy()
  server.close()
})

test('many connections at once are told apart', async () => {
  const clients = [web, voting]
  await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
  const credentials = [webCredential, votingCredential]
  const texts = Array.from({ length: 20 }, (_value, index) => `message ${index}`)
  const answers = await Promise.all(
    texts.map(async (message, index) => {
      const { socket } = await dial(server.port, credentials[index % 2] ?? webCredential, trustIn(ca))
      const answer = await echo(socket, message)
      socket.destroy()
      return answer
    }),
  )
  expect(answers).toEqual(texts)
  const seen = server.peers.all.map(({ spiffeId }) => String(spiffeId))
  for (const id of clients) expect(seen.filter((peer) => peer === String(id))).toHaveLength(10)
})

test('openssl s_client completes mTLS and gets application data', async () => {
  const folder = await newFolder()
  const real = new Date()
  const realCa = await createTestCa({ now: real }) // openssl looks at the real clock
  const { cert, key } = await rawIdentity(realCa, { spiffeId: web }, { now: real })
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') }
  await writeFile(paths.cert, cert)
  await writeFile(paths.key, key)
  await writeFile(paths.ca, realCa.rootPem)
  const trust = trustIn(realCa, { now: () => new Date(), authorize: authorizeId(web) })
  await using server = await startEcho({ source: sourceOf(await credentialOf(realCa, voting, { at: real })), trust })
  const identity = ['-cert', paths.cert, '-cert_chain', paths.cert, '-key', paths.key]
  const checks = ['-CAfile', paths.ca, '-verify_return_error', '-x509_strict']
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${server.port}`, ...identity, ...checks])
  child.stdin.write('hello from openssl\n')
  let seen = ''
  for await (const chunk of child.stdout) {
    seen += String(chunk)
    if (seen.includes('hello from openssl\n')) child.stdin.end()
  }
  expect(seen).toContain('Verify return code: 0 (ok)')
  expect(seen).toContain('hello from openssl\n')
  expect(String((await server.peers.next()).spiffeId)).toBe(String(web))
})

describe('the key exchange', () => {
  const hasHybrid = (): boolean => {
    try {
      createSecureContext({ ecdhCurve: 'X25519MLKEM768' })
      return true
    } catch {
      return false
    }
  }
  const groupOf = (socket: TLSSocket): unknown => {
    const info = socket.getEphemeralKeyInfo()
    return info !== null && 'name' in info ? info.name : undefined
  }

  test.skipIf(!hasHybrid())('is hybrid with ML-KEM-768 between two of ours', async () => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
    const { socket } = await dial(server.port, webCredential, trustIn(ca))
    expect(groupOf(socket)).toBe('X25519MLKEM768')
    expect([socket.getProtocol(), socket.isSessionReused()]).toEqual(['TLSv1.3', false])
    socket.destroy()
  })

  test.each([
    ['X25519', 'X25519'],
    ['P-256', 'prime256v1'],
  ])('is %s with somebody who knows nothing else', async (ecdhCurve, name) => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust: trustIn(ca) })
    const identity = await rawIdentity(ca, { spiffeId: web })
    const options = { host: '127.0.0.1', port: server.port, ...identity, ecdhCurve, rejectUnauthorized: false }
    const socket = connect(options)
    expect(await echo(socket, 'hello')).toBe('hello')
    expect(groupOf(socket)).toBe(name)
    socket.destroy()
  })
})

test('a TCP connection that has broken before TLS is a refusal at once, not at the deadline', async () => {
  const server = await listening(createTcpServer((socket) => socket.resetAndDestroy()))
  const raw = connectTcp({ host: '127.0.0.1', port: portOf(server) })
  await once(raw, 'close').catch(() => {})
  const error = await refusalOf(() => secureMtls(raw, { source: sourceOf(webCredential), trust: trustIn(ca) }))
  expect(error.code).toBe('WORKLOAD_PEER_HANDSHAKE_FAILED')
  server.close()
})
