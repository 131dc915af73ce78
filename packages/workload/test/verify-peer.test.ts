import { matchId } from '@meshid/spiffe-id'
import { authorizeOneOf } from '@meshid/svid'
import { createTestCa } from '@meshid/testkit'
import { verifyPeerChain } from '@meshid/workload'
import { expect, test } from 'vitest'
import { trustIn } from './mtls-rig.ts'
import { refusalOf } from './refusal.ts'
import { idOf, now, voting, web } from './world.ts'

const ca = await createTestCa({ now })
const { leaf, intermediates } = await ca.issue({ spiffeId: web })
const chain = [leaf, ...intermediates]

test('a chain is judged without a connection too', () => {
  expect(String(verifyPeerChain(chain, 'client', trustIn(ca)).spiffeId)).toBe(String(web))
  expect(String(verifyPeerChain(chain, 'server', trustIn(ca)).spiffeId)).toBe(String(web))
})

test('no chain', async () => {
  const error = await refusalOf(() => verifyPeerChain([], 'server', trustIn(ca)))
  expect(error).toMatchObject({
    code: 'WORKLOAD_PEER_NO_CERTIFICATE',
    message: 'peer server: SVID_CHAIN_EMPTY: chain: expected at least a leaf, found nothing',
  })
})

test('bytes that are no certificate, and trailing bytes (X509-35)', async () => {
  for (const first of [new Uint8Array(3), new Uint8Array([...leaf, 0])]) {
    const error = await refusalOf(() => verifyPeerChain([first, ...intermediates], 'client', trustIn(ca)))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED', cause: { code: 'SVID_CERTIFICATE_INVALID' } })
  }
})

test('the refusal of an authorizer says whom it expected and whom it found', async () => {
  const authorize = authorizeOneOf([idOf('voting'), idOf('emoji')])
  const error = await refusalOf(() => verifyPeerChain(chain, 'client', trustIn(ca, { authorize })))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: String(web) } })
  expect(error.message).toContain(String(web))
  expect(error.message).toContain(String(idOf('voting')))
})

test("a rule of one's own may ask matchId, whose reason is told", async () => {
  const trust = trustIn(ca, {
    authorize({ spiffeId }) {
      matchId.exact(voting)(spiffeId)
    },
  })
  const error = await refusalOf(() => verifyPeerChain(chain, 'client', trust))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: String(web) } })
  expect(error.message).toContain(`SPIFFE_ID_MISMATCH: expected ${String(voting)}`)
})

test('whatever an authorizer throws is a refusal, and stays below it', async () => {
  const cause = new Error('a token: secret')
  const authorize = () => {
    throw cause
  }
  const error = await refusalOf(() => verifyPeerChain(chain, 'client', trustIn(ca, { authorize })))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: String(web) } })
  expect(error.message).not.toContain('secret')
  expect(error.cause).toMatchObject({ code: 'SVID_AUTHORIZER_FAILED', cause })
})

test('a mistake of the caller is no refusal of the peer', () => {
  const trust = trustIn(ca, { now: () => new Date(Number.NaN) })
  expect(() => verifyPeerChain(chain, 'client', trust)).toThrow(RangeError)
})
