import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SpiffeId } from '@meshid/spiffe-id'
import { authorizeId } from '@meshid/svid'
import { createGoOracle, createTestCa, type GoOracle, type GoParty } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { dial, echo, sourceOf, startEcho, trustIn } from './mtls-rig.ts'
import { refusalOf } from './refusal.ts'
import { credentialOf, idOf, rawIdentity, trustDomain, voting, web } from './world.ts'

const newFolder = useFolders()
const found = await createGoOracle()
// Foreign libraries look at the real clock.
const real = new Date()
const ca = await createTestCa({ now: real })
const webCredential = await credentialOf(ca, web, { at: real })
const votingCredential = await credentialOf(ca, voting, { at: real })
const stranger = idOf('stranger')

/** Trust of our side, which welcomes one ID. */
const welcoming = (id: SpiffeId) => trustIn(ca, { now: () => new Date(), authorize: authorizeId(id) })

/** Files of a foreign party with an SVID of the CA. */
async function filesOf(id: SpiffeId, root: string = ca.rootPem) {
  const folder = await newFolder()
  const { cert, key } = await rawIdentity(ca, { spiffeId: id }, { now: real })
  const files = {
    svidFile: join(folder, 'svid.pem'),
    keyFile: join(folder, 'key.pem'),
    bundleFile: join(folder, 'bundle.pem'),
  }
  await writeFile(files.svidFile, cert)
  await writeFile(files.keyFile, key)
  await writeFile(files.bundleFile, root)
  return files
}

const partyOf = async (own: SpiffeId, welcome: SpiffeId, root?: string): Promise<GoParty> => ({
  ...(await filesOf(own, root)),
  trustDomain: trustDomain.name,
  authorize: welcome.toString(),
})

describe.skipIf(found === undefined)('go-spiffe', () => {
  const go = found as GoOracle
  const address = (port: number): string => `127.0.0.1:${port}`

  test('its server and our client know each other by their IDs', async () => {
    await using server = await go.serve(await partyOf(voting, web))
    const { socket, peer } = await dial(server.port, webCredential, welcoming(voting))
    expect(await echo(socket, 'hello from meshid\n')).toBe('hello from meshid\n')
    expect(peer.spiffeId.toString()).toBe(voting.toString())
    expect(await server.next()).toEqual({ peer: web.toString(), line: 'hello from meshid\n' })
    socket.destroy()
  })

  test('its client and our server know each other by their IDs', async () => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust: welcoming(web) })
    const outcome = await go.dial(address(server.port), await partyOf(web, voting))
    expect(outcome).toEqual({ peer: voting.toString(), line: 'hello from go-spiffe\n' })
    expect((await server.peers.next()).spiffeId.toString()).toBe(web.toString())
    expect(server.refused.all).toEqual([])
  })

  test('its server refuses our client for its ID, and says so', async () => {
    await using server = await go.serve(await partyOf(voting, stranger))
    const { socket } = await dial(server.port, webCredential, welcoming(voting))
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/^ERR_SSL_.*ALERT_BAD_CERTIFICATE$/)
    expect((await server.next()).refused).toContain(`unexpected ID "${web.toString()}"`)
  })

  test('our client refuses its server for its ID, before a byte is sent', async () => {
    await using server = await go.serve(await partyOf(voting, web))
    const error = await refusalOf(() => dial(server.port, webCredential, welcoming(stranger)))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: voting.toString() } })
    const { line, refused } = await server.next()
    expect(line).toBeUndefined()
    expect(refused).toMatch(/EOF|reset|broken pipe/)
  })

  test('its client refuses our server for its ID, and says so', async () => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust: welcoming(web) })
    const outcome = await go.dial(address(server.port), await partyOf(web, stranger))
    expect(outcome.refused).toContain(`unexpected ID "${voting.toString()}"`)
    const error = await server.refused.next()
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_HANDSHAKE_FAILED' })
    expect(error.detail.found).toMatch(/ALERT_BAD_CERTIFICATE$/)
    expect(server.peers.all).toEqual([])
  })

  test('our server refuses its client for its ID, and reads nothing of it', async () => {
    await using server = await startEcho({ source: sourceOf(votingCredential), trust: welcoming(stranger) })
    const outcome = await go.dial(address(server.port), await partyOf(web, voting))
    expect(outcome.line).toBeUndefined()
    expect(outcome.refused).toMatch(/reset|EOF|broken pipe/)
    expect(await server.refused.next()).toMatchObject({
      code: 'WORKLOAD_PEER_NOT_AUTHORIZED',
      detail: { found: web.toString() },
    })
    expect(server.peers.all).toEqual([])
  })

  test('a party that trusts another root is refused by both', async () => {
    const other = await createTestCa({ now: real })
    await using server = await go.serve(await partyOf(voting, web, other.rootPem))
    const { socket } = await dial(server.port, webCredential, welcoming(voting))
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/^ERR_SSL_.*ALERT/)
    expect((await server.next()).refused).toContain('certificate signed by unknown authority')
    const foreign = { ...welcoming(voting), bundles: trustIn(other).bundles }
    const refusal = await refusalOf(() => dial(server.port, webCredential, foreign))
    expect(refusal.code).toBe('WORKLOAD_PEER_UNTRUSTED')
  })
})

/** An `openssl s_server` that wants a client certificate of the CA and sends each line back in reverse. */
async function startOpensslServer(id: SpiffeId) {
  const { svidFile, keyFile, bundleFile } = await filesOf(id)
  const own = ['-cert', svidFile, '-cert_chain', svidFile, '-key', keyFile]
  const checks = ['-Verify', '3', '-verify_return_error', '-x509_strict', '-CAfile', bundleFile]
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-rev', ...own, ...checks])
  child.stderr.resume()
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
    if (port === undefined) continue
    child.stdout.resume()
    const stop = async (): Promise<void> => {
      child.kill()
      await closed
    }
    return { port: Number(port), [Symbol.asyncDispose]: stop }
  }
  throw new Error('openssl s_server: expected that it listens, found that it has ended')
}

describe('openssl s_server', () => {
  test('and our client complete mTLS, and application data goes both ways', async () => {
    await using server = await startOpensslServer(voting)
    const { socket, peer } = await dial(server.port, webCredential, welcoming(voting))
    expect(peer.spiffeId.toString()).toBe(voting.toString())
    expect(await echo(socket, 'hello\n')).toBe('olleh\n')
    socket.destroy()
  })

  test('is refused by our client when it is not the server that was meant', async () => {
    await using server = await startOpensslServer(voting)
    const error = await refusalOf(() => dial(server.port, webCredential, welcoming(stranger)))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: voting.toString() } })
  })

  test('refuses a client of another CA', async () => {
    const other = await createTestCa({ now: real })
    await using server = await startOpensslServer(voting)
    const foreign = await credentialOf(other, web, { at: real })
    const { socket } = await dial(server.port, foreign, welcoming(voting))
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/^ERR_SSL_.*ALERT/)
  })
})
