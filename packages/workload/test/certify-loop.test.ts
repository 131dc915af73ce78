import { writeFile } from 'node:fs/promises'
import { createTestCa } from '@meshid/testkit'
import { linkerdSchedule } from '@meshid/refresh'
import type { Certify, Credential } from '@meshid/workload'
import { expect, test } from 'vitest'
import { createCertifyRig } from './certify-rig.ts'
import { useFolders } from './folders.ts'
import { createQueue } from './queue.ts'
import { hourMs, now, web } from './world.ts'

const newFolder = useFolders()
const later = (ms: number): Date => new Date(now.getTime() + ms)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** An identity service that never answers, and the reasons for which it was given up. */
function hangingService() {
  const reasons = createQueue<unknown>()
  const certify: Certify = (_question, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      })
    })
  return { reasons, service: () => certify }
}

/** An honest identity service that can be taken down. */
function fallibleService() {
  const state = { isDown: false }
  const service =
    (honest: Certify): Certify =>
    (question, call) =>
      state.isDown ? Promise.reject(new Error('unavailable')) : honest(question, call)
  return { state, service }
}

test('asks with its name, token and CSR, verifies the answer and publishes it', async () => {
  const rig = await createCertifyRig({ folder: await newFolder() })
  await using loop = rig.loop
  expect(loop.source.current).toBeUndefined()
  const credential = await loop.ready()
  expect(loop.source.current).toBe(credential)
  const question = await rig.questions.next()
  expect(question.identity).toBe(web.toString())
  expect(text(question.token)).toBe('token-1')
  expect(question.csr).toBe(loop.keyMaterial.csr)
  expect(loop.status()).toMatchObject({ state: 'fresh', validity: { notAfter: later(hourMs) } })
})

test('renews at its schedule, 60 to 80 % of the life, with the same key; each leaf is new', async () => {
  const rig = await createCertifyRig({ folder: await newFolder() })
  await using loop = rig.loop
  const serials = [(await loop.ready()).leaf.serialNumber]
  await rig.next('renewed')
  for (const asked of [1, 2, 3]) {
    const { nextAttemptAt } = await rig.next('scheduled')
    const waitMs = nextAttemptAt.getTime() - rig.clock.now().getTime()
    expect(waitMs).toBeGreaterThan(0.59 * hourMs)
    expect(waitMs).toBeLessThan(0.81 * hourMs)
    await rig.clock.advance(waitMs - 1)
    expect(rig.questions.all).toHaveLength(asked)
    await rig.clock.advance(1)
    await rig.next('renewed')
    serials.push(loop.source.current?.leaf.serialNumber ?? '')
  }
  expect(new Set(serials).size).toBe(4)
  expect(new Set(rig.questions.all.map(({ csr }) => csr)).size).toBe(1)
})

test("Linkerd's schedule can be given", async () => {
  const rig = await createCertifyRig({ folder: await newFolder(), schedule: linkerdSchedule() })
  await using _loop = rig.loop
  expect((await rig.next('scheduled')).nextAttemptAt).toEqual(later(0.7 * hourMs))
})

test('the token is read afresh for each attempt', async () => {
  const rig = await createCertifyRig({ folder: await newFolder() })
  await using loop = rig.loop
  await loop.ready()
  await writeFile(rig.tokenFile, 'token-2')
  await loop.certifyNow()
  expect(rig.questions.all.map(({ token }) => text(token))).toEqual(['token-1', 'token-2'])
})

test('attempts that fail keep the old credential, are told, and are tried again before the end', async () => {
  const { state, service } = fallibleService()
  const rig = await createCertifyRig({ folder: await newFolder(), service })
  await using loop = rig.loop
  const first = await loop.ready()
  state.isDown = true
  await expect(loop.certifyNow()).rejects.toThrow('unavailable')
  const failed = await rig.next('failed')
  expect(failed).toMatchObject({ attempt: 1, error: new Error('unavailable') })
  expect(loop.status().state).toBe('retrying')
  expect(loop.source.usable(rig.clock.now())).toBe(first)
  state.isDown = false
  await rig.next('renewed')
  await rig.clock.advance(failed.nextAttemptAt.getTime() - rig.clock.now().getTime())
  expect(await rig.next('renewed')).toMatchObject({ attempt: 2 })
  expect(loop.source.current).not.toBe(first)
})

test('without an answer the credential expires: it stays visible, but cannot be used', async () => {
  const { state, service } = fallibleService()
  const rig = await createCertifyRig({ folder: await newFolder(), service })
  await using loop = rig.loop
  const first = await loop.ready()
  state.isDown = true
  await rig.clock.advance(hourMs + 1)
  expect(await rig.next('expired')).toMatchObject({ expiredAt: later(hourMs) })
  expect(loop.source.current).toBe(first)
  expect(() => loop.source.usable(rig.clock.now())).toThrow(
    expect.objectContaining({ code: 'WORKLOAD_CREDENTIAL_EXPIRED' }),
  )
  expect(loop.status().state).toBe('expired')
})

test('an answer that does not verify is never published', async () => {
  const foreign = await createTestCa({ now })
  const service = (): Certify => async () => foreign.issue({ spiffeId: web })
  const rig = await createCertifyRig({ folder: await newFolder(), service })
  await using loop = rig.loop
  expect(await rig.next('failed')).toMatchObject({ error: { code: 'WORKLOAD_CREDENTIAL_KEY_MISMATCH' } })
  expect(loop.source.current).toBeUndefined()
  expect(loop.status()).toMatchObject({ state: 'waiting-for-first', attempt: 1 })
})

test('a token that cannot be read is a failed attempt, and nobody is asked', async () => {
  const rig = await createCertifyRig({ folder: await newFolder(), tokenFile: '/nowhere/token' })
  await using _loop = rig.loop
  expect(await rig.next('failed')).toMatchObject({ error: { code: 'WORKLOAD_TOKEN_UNREADABLE' } })
  expect(rig.questions.all).toEqual([])
})

test('a call that never ends is given up at the deadline of the attempt (Q37)', async () => {
  const { reasons, service } = hangingService()
  const rig = await createCertifyRig({ folder: await newFolder(), service, renewTimeoutMs: 5000 })
  await using _loop = rig.loop
  await rig.questions.next()
  await rig.clock.advance(5000)
  expect(await reasons.next()).toMatchObject({ code: 'REFRESH_TIMEOUT' })
  expect(await rig.next('failed')).toMatchObject({ error: { code: 'REFRESH_TIMEOUT' } })
})

test('disposing aborts the call in flight and ends every wait; the credential stays', async () => {
  const { reasons, service } = hangingService()
  const { loop, questions, clock } = await createCertifyRig({ folder: await newFolder(), service })
  const ready = expect(loop.ready()).rejects.toMatchObject({ code: 'REFRESH_CLOSED' })
  await questions.next()
  await loop[Symbol.asyncDispose]()
  expect(await reasons.next()).toMatchObject({ code: 'REFRESH_CLOSED' })
  await ready
  expect(loop.status().state).toBe('closed')
  expect(clock.pending).toBe(0)
})

test('a wait for the first credential ends when its own signal aborts, with its reason untouched', async () => {
  const service = (): Certify => () => new Promise(() => {})
  const rig = await createCertifyRig({ folder: await newFolder(), service })
  await using loop = rig.loop
  const controller = new AbortController()
  const wait = loop.ready(controller.signal)
  controller.abort('SIGTERM')
  await expect(wait).rejects.toBe('SIGTERM')
})

test('the credential is current before anybody is told: waiters, observer and listeners see the same', async () => {
  const seen = createQueue<Credential | undefined>()
  const rig = await createCertifyRig({
    folder: await newFolder(),
    observer: (event, credential) => event.type === 'renewed' && seen.push(credential),
  })
  await using loop = rig.loop
  const heard = createQueue<Credential>()
  loop.source.onChange((credential) => heard.push(credential))
  const credential = await loop.ready()
  expect(await seen.next()).toBe(credential)
  expect(await heard.next()).toBe(credential)
})

test('a listener that throws is told to the observer, and spoils neither the credential nor the schedule', async () => {
  const rig = await createCertifyRig({ folder: await newFolder() })
  await using loop = rig.loop
  const failure = new Error('a listener')
  loop.source.onChange(() => {
    throw failure
  })
  const credential = await loop.ready()
  expect(await rig.next('listener-failed')).toMatchObject({ error: { errors: [failure] } })
  await rig.next('renewed')
  expect(loop.source.current).toBe(credential)
  expect(loop.status().state).toBe('fresh')
})

test('a second start finds the key and the CSR of the first', async () => {
  const folder = await newFolder()
  const first = await createCertifyRig({ folder })
  await first.loop[Symbol.asyncDispose]()
  const second = await createCertifyRig({ folder })
  await using loop = second.loop
  expect(first.loop.keyMaterial.origin.kind).toBe('created')
  expect(loop.keyMaterial.origin).toEqual({ kind: 'found' })
  expect(loop.keyMaterial.csr).toEqual(first.loop.keyMaterial.csr)
})
