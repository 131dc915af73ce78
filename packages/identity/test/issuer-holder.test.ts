import { CertificateError } from '@meshid/certificate'
import { createIssuerHolder } from '@meshid/identity'
import { describe, expect, test } from 'vitest'
import { newIssuer, now } from './world.ts'

const later = new Date(now.getTime() + 60_000)
const expired = new CertificateError('CERT_EXPIRED', 'issuer: expected one that is valid, found an expired one')

describe('an issuer holder', () => {
  test('waits at first', () => {
    const holder = createIssuerHolder()
    expect(holder.current).toBeUndefined()
    expect(holder.state(now)).toEqual({ status: 'waiting' })
  })

  test('says why it still waits', () => {
    const holder = createIssuerHolder()
    holder.refuse(expired, later)
    expect(holder.current).toBeUndefined()
    expect(holder.state(later)).toEqual({
      status: 'waiting',
      lastRefusal: { code: 'CERT_EXPIRED', message: expired.message, at: later },
    })
  })

  test('serves with an issuer until its path runs out', async () => {
    const holder = createIssuerHolder()
    const issuer = await newIssuer({ lifetimeMs: 3_600_000 })
    holder.replace(issuer, now)
    expect(holder.current).toBe(issuer)
    const notAfter = new Date('2026-11-21T13:00:00Z')
    expect(holder.state(notAfter)).toEqual({ status: 'serving', since: now, notAfter })
    expect(holder.state(new Date(notAfter.getTime() + 1)).status).toBe('expired')
  })

  test('keeps the old issuer when a new one is refused, and says so (Q20)', async () => {
    const holder = createIssuerHolder()
    const issuer = await newIssuer()
    holder.replace(issuer, now)
    holder.refuse(expired, later)
    expect(holder.current).toBe(issuer)
    expect(holder.state(later)).toMatchObject({ status: 'serving', lastRefusal: { code: 'CERT_EXPIRED', at: later } })
  })

  test('forgets the refusal when a good one comes', async () => {
    const holder = createIssuerHolder()
    holder.refuse(expired, now)
    holder.replace(await newIssuer(), later)
    expect(holder.state(later)).not.toHaveProperty('lastRefusal')
    expect(holder.state(later).since).toEqual(later)
  })

  test.each([
    [new Error('torn file'), { code: 'UNKNOWN', message: 'torn file' }],
    [Object.assign(new Error('gone'), { code: 'ENOENT' }), { code: 'ENOENT', message: 'gone' }],
    ['text', { code: 'UNKNOWN', message: 'unknown' }],
  ])('takes any error: %s', (error, described) => {
    const holder = createIssuerHolder()
    holder.refuse(error, now)
    expect(holder.state(now).lastRefusal).toMatchObject(described)
  })

  test('hands out frozen states that do not change with the dates that were given', () => {
    const holder = createIssuerHolder()
    const at = new Date(now)
    holder.refuse(expired, at)
    at.setTime(0)
    const state = holder.state(now)
    expect(state.lastRefusal?.at).toEqual(now)
    expect(Object.isFrozen(state)).toBe(true)
    expect(Object.isFrozen(state.lastRefusal)).toBe(true)
  })
})
