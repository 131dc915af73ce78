import { createIssuerHolder } from '@meshid/identity'
import { CertificateError } from '@meshid/certificate'
import { createTestCa, createTestClock } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { ServerState } from '../src/readiness.ts'

const start = new Date('2026-11-21T12:00:00Z')

async function createState() {
  const clock = createTestClock(start)
  const holder = createIssuerHolder()
  const { issuer } = await createTestCa({ now: start, caLifetimeMs: 3_600_000, lifetimeMs: 60_000 })
  return { clock, holder, issuer, state: new ServerState(holder, clock) }
}

describe('readiness', () => {
  test('waits for the start, and says so', async () => {
    const { state } = await createState()
    expect(state.readiness()).toEqual({ ready: false, notes: [{ reason: 'starting' }] })
  })

  test('is there when the server serves with a valid issuer, and goes with the first step of the end', async () => {
    const { state, holder, issuer } = await createState()
    holder.replace(issuer, start)
    state.phase = 'serving'
    expect(state.readiness()).toEqual({ ready: true, notes: [] })
    state.phase = 'shutting down'
    expect(state.readiness()).toEqual({ ready: false, notes: [{ reason: 'shutting down' }] })
  })

  test('goes when the issuer expires, with since when (Q20), and why nothing took its place', async () => {
    const { state, holder, issuer, clock } = await createState()
    holder.replace(issuer, start)
    state.phase = 'serving'
    const at = new Date('2026-11-21T12:30:00Z')
    holder.refuse(new CertificateError('CERT_KEY_MISMATCH', 'another key'), at)
    const refusal = {
      code: 'CERT_KEY_MISMATCH',
      reason: 'issuer update refused, the old issuer is in use until 2026-11-21T13:00:00.000Z: another key',
      since: at,
    }
    expect(state.readiness()).toEqual({ ready: true, notes: [refusal] })
    await clock.advance(3_601_000)
    expect(state.readiness()).toEqual({
      ready: false,
      notes: [
        {
          code: 'CERT_EXPIRED',
          reason: 'the issuer, or a CA above it, has expired: nothing is issued',
          since: new Date('2026-11-21T13:00:00Z'),
        },
        refusal,
      ],
    })
  })

  test('stays when new trust anchors are refused, with a note', async () => {
    const { state, holder, issuer } = await createState()
    holder.replace(issuer, start)
    state.phase = 'serving'
    const { trustAnchors: current } = await createTestCa({ now: start })
    const refusal = { reason: 'trust anchors update refused', since: start }
    state.trustAnchors = { current, refusal }
    expect(state.readiness()).toEqual({ ready: true, notes: [refusal] })
  })
})
