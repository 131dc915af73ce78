import { Socket } from 'node:net'
import { createTestCa } from '@meshid/testkit'
import { peerIdentity } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { refusalOf } from '../refusal.ts'
import { sourceOf, trustIn } from '../mtls-rig.ts'
import { credentialOf, now, voting, web } from '../world.ts'
import { adapterRows } from './adapter-rows.ts'

const ca = await createTestCa({ now })
const source = sourceOf(await credentialOf(ca, voting))
const clientSource = sourceOf(await credentialOf(ca, web))

describe.each(adapterRows)('$name', (row) => {
  test('the server knows who asks, from the verified leaf (X509-26, X509-27, X509-28)', async () => {
    const server = await row.startServer({ source, trust: trustIn(ca) })
    const client = row.createClient({ port: server.port, source: clientSource, trust: trustIn(ca) })
    expect(await client.ask()).toBe(String(web))
    expect(await client.ask()).toBe(String(web))
    await client.close()
    await server.close()
  })
})

test.each([
  ['a plain socket', new Socket()],
  ['a request that came through another server', { socket: new Socket() }],
  ['a gRPC call of another server', { metadata: {} }],
])('%s: nobody is known to be there, and that is an error', async (_what, carrier) => {
  const error = await refusalOf(() => peerIdentity(carrier))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNIDENTIFIED', detail: { expected: 'an SVID', found: 'none' } })
})
