import { createTestCa, createTestClock } from '@meshid/testkit'
import { createCredentialStore, type WorkloadError } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { createQueue } from '../queue.ts'
import { sourceOf, trustIn } from '../mtls-rig.ts'
import { credentialOf, hourMs, now, voting, web } from '../world.ts'
import { adapterRows } from './adapter-rows.ts'

const ca = await createTestCa({ now })
const serverCredential = await credentialOf(ca, voting)
const clientCredential = await credentialOf(ca, web)
const clientSource = sourceOf(clientCredential)

describe.each(adapterRows)('$name', (row) => {
  test('the server knows who asks, from the verified leaf (X509-26, X509-27, X509-28)', async () => {
    const server = await row.startServer({ source: sourceOf(serverCredential), trust: trustIn(ca) })
    const client = row.createClient({ port: server.port, source: clientSource, trust: trustIn(ca) })
    expect(await client.ask()).toBe(String(web))
    expect(await client.ask()).toBe(String(web))
    await client.close()
    await server.close()
  })

  test('a server without a credential, or with one that has expired, refuses and says so (Q36)', async () => {
    const clock = createTestClock(now)
    const trust = trustIn(ca, { now: () => clock.now() })
    const { source, publish } = createCredentialStore()
    const refused = createQueue<WorkloadError>()
    const server = await row.startServer({ source, trust, onRefused: (error) => refused.push(error) })
    const ask = async (): Promise<string> => {
      const credential = await credentialOf(ca, web, { at: clock.now() })
      const client = row.createClient({ port: server.port, source: sourceOf(credential), trust })
      try {
        return await client.ask()
      } finally {
        await client.close()
      }
    }
    await expect(ask()).rejects.toThrow(/ECONNRESET/)
    expect((await refused.next()).code).toBe('WORKLOAD_NO_CREDENTIAL')
    publish(serverCredential)
    expect(await ask()).toBe(String(web))
    await clock.advance(2 * hourMs)
    await expect(ask()).rejects.toThrow(/ECONNRESET/)
    const expired = ({ code }: WorkloadError) => code === 'WORKLOAD_CREDENTIAL_EXPIRED'
    expect(await refused.next(expired)).toMatchObject({ detail: { found: '2026-11-21T13:00:00.000Z' } })
    publish(await credentialOf(ca, voting, { at: clock.now() }))
    expect(await ask()).toBe(String(web))
    await server.close()
  })

  test('a client whose own credential has expired connects to nobody', async () => {
    const refused = createQueue<WorkloadError>()
    const server = await row.startServer({
      source: sourceOf(serverCredential),
      trust: trustIn(ca),
      onRefused: (error) => refused.push(error),
    })
    const trust = trustIn(ca, { now: () => new Date(now.getTime() + 2 * hourMs) })
    const client = row.createClient({ port: server.port, source: clientSource, trust })
    await expect(client.ask()).rejects.toThrow(/own credential: expected one that is valid/)
    await client.close()
    expect(refused.all.filter(({ code }) => code !== 'WORKLOAD_PEER_HANDSHAKE_FAILED')).toEqual([])
    await server.close()
  })
})
