import { createLogger } from '@meshid/example-operations'
import { type CertifyEvent, IdentityError, type IdentityErrorCode } from '@meshid/identity'
import type { KubernetesRequest, KubernetesResponse } from '@meshid/token-review'
import { createTestClock } from '@meshid/testkit'
import { describe, expect, test, vi } from 'vitest'
import { type ClusterEvent, encodeEvent, MAX_EVENT_MESSAGE_LENGTH } from '../src/events/cluster-event.ts'
import { createEventRecorder, EVENT_FLUSH_MS, MAX_WAITING_EVENTS } from '../src/events/event-recorder.ts'
import type { EventOutcome } from '../src/events/event-outcome.ts'
import { createIdentityEvents } from '../src/events/identity-events.ts'
import { startServer } from './server-process.ts'
import { createWorld, goodRequest, secret, web, webSpiffeId } from './world.ts'

vi.setConfig({ testTimeout: 30_000 })

const start = new Date('2026-11-21T12:00:00Z')
const involved = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'linkerd', name: 'linkerd-identity' }
const issued = (name: string, message = 'issued'): ClusterEvent => ({
  involved: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'emojivoto', name },
  type: 'Normal',
  reason: 'IssuedLeafCertificate',
  message,
})
const invalid: ClusterEvent = { involved, type: 'Warning', reason: 'IssuerValidationFailed', message: 'expired' }

/** An API server that answers when the test says so. */
function createApiRig() {
  const clock = createTestClock(start)
  const outcomes: Record<EventOutcome, number> = { posted: 0, merged: 0, suppressed: 0, dropped: 0, failed: 0 }
  const posted: { readonly path: string; readonly event: Record<string, unknown> }[] = []
  const lines: string[] = []
  let answer: (request: KubernetesRequest) => Promise<KubernetesResponse> = async () => created
  const options = {
    transport: {
      request(request: KubernetesRequest) {
        posted.push({ path: request.path, event: JSON.parse(request.body ?? '') as Record<string, unknown> })
        return answer(request)
      },
    },
    clock,
    counts: { ended: (outcome: EventOutcome, count: number) => void (outcomes[outcome] += count), waiting: () => {} },
    log: createLogger({ format: 'json', write: (line) => void lines.push(line) }),
  }
  const settled = () => clock.advance(0)
  const answerWith = (next: typeof answer): void => void (answer = next)
  return { options, clock, outcomes, posted, lines, settled, answerWith }
}

function createRig() {
  const rig = createApiRig()
  return { ...rig, recorder: createEventRecorder({ ...rig.options, instance: 'linkerd-identity-7' }) }
}

function createEventsRig() {
  const rig = createApiRig()
  return { ...rig, events: createIdentityEvents({ ...rig.options, namespace: 'linkerd', env: {} }) }
}

function refused(code: IdentityErrorCode, reason: string): CertifyEvent {
  const error = new IdentityError(code, reason)
  return { type: 'refused', identity: webSpiffeId, code, step: 'csr', reason, error, durations: {} }
}

const created: KubernetesResponse = { status: 201, headers: {}, body: '{}' }

describe('an event', () => {
  test('is a core/v1 Event with a name that the API server makes', () => {
    const series = { count: 3, first: start, last: new Date(start.getTime() + 1500) }
    expect(JSON.parse(encodeEvent(invalid, { series, instance: 'pod-1' }))).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: 'linkerd-identity.', namespace: 'linkerd' },
      involvedObject: involved,
      type: 'Warning',
      reason: 'IssuerValidationFailed',
      message: 'expired',
      source: { component: 'linkerd-identity' },
      firstTimestamp: '2026-11-21T12:00:00Z',
      lastTimestamp: '2026-11-21T12:00:01Z',
      count: 3,
      reportingComponent: 'linkerd-identity',
      reportingInstance: 'pod-1',
    })
  })

  test("holds a stranger's text only made safe: printable, short, no token (Q7)", () => {
    const message = 'x'.repeat(2000)
    const series = { count: 1, first: start, last: start }
    const encode = (text: string): { readonly message: string } =>
      JSON.parse(encodeEvent({ ...invalid, message: text }, { series, instance: 'p' })) as { message: string }
    expect(encode(message).message).toHaveLength(MAX_EVENT_MESSAGE_LENGTH)
    expect(encode('a\nb\u202e eyJhbGciOi.eyJzdWIi.c2ln').message).toBe('a?b? [redacted]')
  })
})

describe('the recorder', () => {
  test('posts to the namespace of the object, one after the other, after its caller is done', async () => {
    const { recorder, posted, outcomes, settled } = createRig()
    recorder.record(issued('web'))
    recorder.record(issued('voting'))
    expect(posted).toEqual([])
    await settled()
    await settled()
    expect(posted.map(({ path }) => path)).toEqual(Array(2).fill('/api/v1/namespaces/emojivoto/events'))
    expect(outcomes).toEqual({ posted: 2, merged: 0, suppressed: 0, dropped: 0, failed: 0 })
  })

  test('merges what waits and is about the same, and counts it', async () => {
    const { recorder, posted, outcomes, settled } = createRig()
    for (let count = 1; count <= 10; count += 1) recorder.record(issued('web', `issued ${count}`))
    await settled()
    expect(posted.map(({ event }) => [event['count'], event['message']])).toEqual([[10, 'issued 10']])
    expect(outcomes).toMatchObject({ posted: 1, merged: 9 })
  })

  test('keeps strangers from filling the cluster with IssuerValidationFailed: one a minute, with their number (Q7)', async () => {
    const { recorder, posted, outcomes, clock, settled } = createRig()
    for (let count = 0; count < 50; count += 1) {
      recorder.record(invalid)
      await settled()
    }
    expect(outcomes).toMatchObject({ posted: 1, suppressed: 49 })
    await clock.advance(60_000)
    recorder.record(invalid)
    await settled()
    expect(posted.map(({ event }) => event['count'])).toEqual([1, 50])
  })

  test('drops what is too much, and counts it', async () => {
    const { recorder, outcomes, answerWith, settled } = createRig()
    answerWith(() => new Promise(() => {}))
    recorder.record(issued('first'))
    await settled()
    for (let count = 0; count < MAX_WAITING_EVENTS + 7; count += 1) recorder.record(issued(`sa-${count}`))
    expect(outcomes).toEqual({ posted: 0, merged: 0, suppressed: 0, dropped: 7, failed: 0 })
  })

  test('counts what the API server does not take, says so once in a row, and never throws', async () => {
    const { recorder, outcomes, lines, answerWith, settled } = createRig()
    answerWith(() => Promise.reject(new Error('down')))
    recorder.record(issued('a'))
    recorder.record(issued('b'))
    await settled()
    answerWith(() => Promise.resolve({ ...created, status: 403 }))
    recorder.record(issued('c'))
    await settled()
    expect(outcomes).toMatchObject({ posted: 0, failed: 3 })
    expect(lines).toHaveLength(1)
    answerWith(() => Promise.resolve(created))
    recorder.record(issued('d'))
    await settled()
    answerWith(() => Promise.reject(new Error('down again')))
    recorder.record(issued('e'))
    await settled()
    expect(outcomes).toMatchObject({ posted: 1, failed: 4 })
    expect(lines).toHaveLength(2)
  })

  test('posts what waits before it closes, but not for long', async () => {
    const { recorder, outcomes, clock } = createRig()
    recorder.record(issued('a'))
    await recorder.close()
    recorder.record(issued('late'))
    expect(outcomes).toMatchObject({ posted: 1, dropped: 1 })

    const stuck = createRig()
    stuck.answerWith(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    )
    stuck.recorder.record(issued('a'))
    stuck.recorder.record(issued('b'))
    await stuck.settled()
    const closed = stuck.recorder.close()
    await stuck.clock.advance(EVENT_FLUSH_MS)
    await closed
    expect(stuck.outcomes).toMatchObject({ posted: 0, failed: 1, dropped: 1 })
    expect([clock.pending, stuck.clock.pending]).toEqual([0, 0])
  })
})

describe('what becomes an event', () => {
  test("an issuer that has expired, with the name that was asked for, in Linkerd's words", async () => {
    const { events, posted, settled } = createEventsRig()
    const expired = refused('IDENTITY_ISSUER_INVALID', 'issuer: expected one that is valid')
    events.certify(expired)
    events.certify(refused('IDENTITY_MISMATCH', 'somebody else'))
    events.certify(expired)
    await settled()
    expect(posted).toMatchObject([
      {
        path: '/api/v1/namespaces/linkerd/events',
        event: {
          involvedObject: involved,
          type: 'Warning',
          reason: 'IssuerValidationFailed',
          message: `issuer: expected one that is valid - CSR Identity : ${webSpiffeId}`,
          count: 2,
        },
      },
    ])
    await events.close()
  })
})

describe('events of a server', () => {
  test('say what was issued, on the ServiceAccount, and what became of the issuer, on the Deployment', async () => {
    await using world = await createWorld()
    await using server = await startServer(world)
    await server.certify(await goodRequest(world))
    const { msg } = await server.log.next(/^issued certificate for /)
    const { pem, key } = await world.ca.anotherIssuer('identity.next')
    await world.issuer.update(secret(pem, key.toPkcs8Pem()))
    await server.log.next(/^Updated identity issuer$/)
    await world.issuer.update(secret(pem, 'no key'))
    const skipped = await server.log.next(/^Skipping issuer update/)
    await expect.poll(() => world.api.events.length, { timeout: 10_000 }).toBe(3)
    const account = world.api.serviceAccount(web)
    expect(world.api.events).toMatchObject([
      {
        involvedObject: { apiVersion: 'v1', kind: 'ServiceAccount', ...web, uid: account?.uid },
        type: 'Normal',
        reason: 'IssuedLeafCertificate',
        message: msg,
        source: { component: 'linkerd-identity' },
        metadata: { namespace: 'emojivoto', name: expect.stringMatching(/^web\../) as unknown },
      },
      { involvedObject: involved, type: 'Normal', reason: 'IssuerUpdated', message: 'Updated identity issuer' },
      { involvedObject: involved, type: 'Warning', reason: 'IssuerUpdateSkipped', message: skipped.msg },
    ])
    expect((await server.get('/metrics')).body).toContain('identity_events_total{outcome="posted"} 3\n')
  })

  test('that the API server does not take never delay or refuse a request', async () => {
    await using world = await createWorld()
    await using server = await startServer(world)
    world.api.aimFaults('event')
    world.api.hangNext(1000)
    for (let count = 0; count < 20; count += 1) {
      expect((await server.certify(await goodRequest(world))).leafCertificate.length).toBeGreaterThan(300)
    }
    expect(world.api.requestCount('tokenReview')).toBe(20)
    await server.log.next(/^Could not post an event to the Kubernetes API: TOKEN_REVIEW_TIMEOUT/)
    expect((await server.get('/metrics')).body).toMatch(/^identity_events_total\{outcome="merged"\} (1[0-9])$/m)
  })
})
