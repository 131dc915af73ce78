import { RpcError } from '@meshid/rpc'
import { parseWorkloadName } from '@meshid/workload'
import { expect, test } from 'vitest'
import { retryAfterMsOf, scheduleOf } from '../src/certify.ts'
import type { Environment } from '../src/environment.ts'

const now = new Date('2026-11-21T12:00:00Z')
const hourMs = 3_600_000
const validity = { notBefore: now, notAfter: new Date(now.getTime() + hourMs) }
const spiffe = parseWorkloadName('spiffe://cluster.local/ns/emojivoto/sa/web')
const dns = parseWorkloadName('web.emojivoto.serviceaccount.identity.linkerd.cluster.local')

const delayMs = (environment: Partial<Environment>): number =>
  scheduleOf({ name: spiffe, minRefreshMs: undefined, maxRefreshMs: undefined, ...environment } as Environment)(
    validity,
    now,
  )

test('a SPIFFE ID spreads its renewals, a DNS name renews as Linkerd does', () => {
  expect(delayMs({})).toBeGreaterThan(0.59 * hourMs)
  expect(delayMs({})).toBeLessThan(0.81 * hourMs)
  expect(delayMs({ name: dns })).toBe(0.7 * hourMs)
})

test.each([spiffe, dns])('the limits of the environment hold: $kind', (name) => {
  expect(delayMs({ name, maxRefreshMs: 5000 })).toBe(5000)
  expect(delayMs({ name, maxRefreshMs: 200 })).toBe(200)
  expect(delayMs({ name, minRefreshMs: 2 * hourMs })).toBe(2 * hourMs)
  expect(delayMs({ name, minRefreshMs: 48 * hourMs })).toBe(48 * hourMs)
  expect(delayMs({ name, minRefreshMs: 1000, maxRefreshMs: 2000 })).toBe(2000)
})

test('only a status of the identity service says when to come back', () => {
  expect(retryAfterMsOf(new RpcError('RESOURCE_EXHAUSTED', 'busy', { retryAfterMs: 2500 }))).toBe(2500)
  expect(retryAfterMsOf(new RpcError('UNAVAILABLE', 'gone'))).toBeUndefined()
  expect(retryAfterMsOf(Object.assign(new Error('x'), { retryAfterMs: 5 }))).toBeUndefined()
})
