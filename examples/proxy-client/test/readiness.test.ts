import type { RefreshStatus } from '@meshid/refresh'
import { expect, test } from 'vitest'
import { readinessOf } from '../src/readiness.ts'

const since = new Date('2026-11-21T12:00:00Z')
const nextAttemptAt = new Date('2026-11-21T12:00:05Z')
const base: RefreshStatus = {
  state: 'waiting-for-first',
  since,
  nextAttemptAt: undefined,
  attempt: 0,
  lastError: undefined,
  validity: undefined,
}
const lastError = Object.assign(new Error('no connection'), { code: 'RPC_UNAVAILABLE' })
const running = { isStopping: false }

test('before the first certificate: what is awaited and since when', () => {
  const notes = [{ reason: 'waiting for the first certificate', since }]
  expect(readinessOf(base, running)).toEqual({ ready: false, notes })
})

test('after a failure: why, and when it is tried next', () => {
  const reason = 'waiting for the first certificate: no connection'
  const notes = [{ code: 'RPC_UNAVAILABLE', reason, since, nextAttemptAt }]
  expect(readinessOf({ ...base, lastError, nextAttemptAt }, running)).toEqual({ ready: false, notes })
})

test('with a certificate: ready, and nothing to say', () => {
  expect(readinessOf({ ...base, state: 'fresh' }, running)).toEqual({ ready: true, notes: [] })
})

test('while renewal fails: ready, with a note', () => {
  const { ready, notes } = readinessOf({ ...base, state: 'retrying', lastError, nextAttemptAt }, running)
  expect(ready).toBe(true)
  expect(notes).toEqual([
    {
      code: 'RPC_UNAVAILABLE',
      reason: 'the certificate in use is valid, but its renewal fails: no connection',
      since,
      nextAttemptAt,
    },
  ])
})

test('after the end of the certificate: not ready (Q40)', () => {
  const { ready, notes } = readinessOf({ ...base, state: 'expired', lastError: 'text' }, running)
  expect(ready).toBe(false)
  expect(notes).toMatchObject([{ reason: 'the certificate has expired; waiting for a new one: text', since }])
})

test('while it stops: not ready, so that nobody new comes', () => {
  const stopping = readinessOf({ ...base, state: 'fresh' }, { isStopping: true })
  expect(stopping).toEqual({ ready: false, notes: [{ reason: 'shutting down' }] })
})
