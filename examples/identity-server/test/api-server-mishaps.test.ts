import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let world: World
let server: ServerProcess
beforeAll(async () => {
  world = await createWorld()
  // No memory and no check of its own: each request asks the API server, which is what is tested here.
  server = await startServer(world, ['-review-timeout=500ms', '-token-cache-ttl=0', '-token-precheck=false'])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})
beforeEach(() => world.api.aimFaults('tokenReview'))

const UNREACHABLE = 'TOKEN_REVIEW_UNREACHABLE'

/** Breaks the API server for one review. */
interface Mishap {
  readonly of: string
  readonly order: () => void | Promise<void>
  readonly repair?: () => void | Promise<void>
  readonly cause: string
}

const mishaps: readonly Mishap[] = [
  { of: 'is down', order: () => world.api.goDown(), repair: () => world.api.comeUp(), cause: UNREACHABLE },
  { of: 'is slow: no answer in time', order: () => world.api.hangNext(1), cause: 'TOKEN_REVIEW_TIMEOUT' },
  { of: 'answers 500', order: () => world.api.failNext(1, { status: 500 }), cause: 'TOKEN_REVIEW_UNAVAILABLE' },
  { of: 'answers 503', order: () => world.api.failNext(1, { status: 503 }), cause: 'TOKEN_REVIEW_UNAVAILABLE' },
  {
    of: 'answers 429',
    order: () => world.api.failNext(1, { status: 429, retryAfterSeconds: 2 }),
    cause: 'TOKEN_REVIEW_UNAVAILABLE',
  },
  { of: 'answers garbage', order: () => world.api.garbleNext(1), cause: 'TOKEN_REVIEW_RESPONSE_INVALID' },
  { of: 'answers half a JSON', order: () => world.api.truncateNext(1), cause: 'TOKEN_REVIEW_RESPONSE_INVALID' },
  {
    of: 'answers with something else than a review',
    order: () => world.api.answerNext(1, (_, response) => void response.writeHead(201).end('{"kind":"Pod"}')),
    cause: 'TOKEN_REVIEW_RESPONSE_INVALID',
  },
  {
    of: 'answers with 2 MiB',
    order: () =>
      world.api.answerNext(1, (_, response) => void response.writeHead(201).end(Buffer.alloc(2_097_152, 'x'))),
    cause: 'TOKEN_REVIEW_RESPONSE_INVALID',
  },
  { of: 'closes in the middle of the body', order: () => world.api.cutNext(1), cause: UNREACHABLE },
  {
    of: 'closes before it answers',
    order: () => world.api.answerNext(2, (request) => void request.socket.destroy()),
    cause: UNREACHABLE,
  },
  {
    of: 'redirects to somewhere else',
    order: () =>
      world.api.answerNext(1, (_, response) => void response.writeHead(307, { location: 'https://[::1]:1/' }).end()),
    cause: 'TOKEN_REVIEW_RESPONSE_INVALID',
  },
  {
    of: 'does not know this server any more (401)',
    order: () => world.api.failNext(1, { status: 401 }),
    cause: 'TOKEN_REVIEW_CALLER_UNAUTHENTICATED',
  },
  {
    of: 'does not allow reviews any more (403)',
    order: () => world.api.revoke('system:serviceaccount:linkerd:linkerd-identity', 'tokenreviews'),
    repair: () => world.api.grant('system:serviceaccount:linkerd:linkerd-identity', 'tokenreviews'),
    cause: 'TOKEN_REVIEW_FORBIDDEN',
  },
  {
    of: 'presents a certificate of a CA that nobody mounted',
    order: () => world.api.rotateServingCertificate(),
    repair: () => world.serviceAccount.update({ 'ca.crt': world.api.caPem, token: world.api.callerToken }),
    cause: UNREACHABLE,
  },
]

describe('an API server that', () => {
  test.each(mishaps)('$of: UNAVAILABLE with $cause, and recovery by itself', async ({ order, repair, cause }) => {
    const request = await goodRequest(world)
    const from = server.log.length
    await order()
    await expect(server.certify(request)).rejects.toMatchObject({ status: 'UNAVAILABLE' })
    const line = await server.log.next(/^error validating token for /, { from })
    expect(line).toMatchObject({ level: 'error', code: 'IDENTITY_REVIEW_FAILED', cause_code: cause })
    await repair?.()
    expect((await server.certify(request)).leafCertificate.length).toBeGreaterThan(300)
    expect((await server.get('/ready')).status).toBe(200)
  })
})

/** The numbers of a gauge, without its labels. */
async function gauge(name: string): Promise<readonly number[]> {
  const { body } = await server.get('/metrics')
  return [...body.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value))
}

describe('a crowd in front of an API server that does not answer', () => {
  test('is answered in time, leaves nothing behind, and the next one is served', async () => {
    const requests = await Promise.all(Array.from({ length: 300 }, () => goodRequest(world)))
    const gate = world.api.holdNext(300)
    const outcomes = await Promise.allSettled(requests.map((request) => server.certify(request)))
    const statuses = outcomes.map((each) =>
      each.status === 'rejected' ? (each.reason as { status: string }).status : 'OK',
    )
    expect(new Set(statuses)).toEqual(new Set(['UNAVAILABLE']))
    for (const name of [
      'identity_review_queue_depth',
      'identity_reviews_in_flight',
      'identity_review_callers',
      'http_client_in_flight_requests',
    ]) {
      expect(new Set(await gauge(name)), name).toEqual(new Set([0]))
    }
    gate.open()
    await expect.poll(() => world.api.pendingRequests).toBe(0)
    await server.certify(await goodRequest(world))
  })

  test('is refused beyond the queue, with the time to come back', async () => {
    await using small = await startServer(world, [
      '-kube-apiclient-qps=5',
      '-kube-apiclient-burst=2',
      '-review-queue=3',
      '-token-cache-ttl=0',
      '-token-precheck=false',
    ])
    const requests = await Promise.all(Array.from({ length: 20 }, () => goodRequest(world)))
    const outcomes = await Promise.allSettled(requests.map((request) => small.certify(request)))
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as object] : []))
    expect(outcomes.length - refused.length).toBeGreaterThanOrEqual(4)
    expect(refused.length).toBeGreaterThanOrEqual(10)
    for (const error of refused) {
      expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED', retryAfterMs: expect.any(Number) as unknown })
    }
    const line = await small.log.next(/^too busy to validate a token for /)
    expect(line).toMatchObject({
      level: 'warning',
      code: 'IDENTITY_OVERLOADED',
      cause_code: 'TOKEN_REVIEW_QUEUE_FULL',
    })
  })

  test('of one account cannot take the places of all others', async () => {
    await using strict = await startServer(world, ['-review-account-qps=1', '-review-account-burst=2'])
    await expect.poll(async () => (await strict.get('/metrics')).body).toContain('identity_published_keys 1\n')
    const requests = await Promise.all(Array.from({ length: 6 }, () => goodRequest(world)))
    const outcomes = await Promise.allSettled(requests.map((request) => strict.certify(request)))
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as object] : []))
    expect(refused.length).toBeGreaterThanOrEqual(2)
    for (const error of refused) expect(error).toMatchObject({ status: 'RESOURCE_EXHAUSTED' })
    expect(await strict.log.next(/^too busy/)).toMatchObject({ cause_code: 'TOKEN_REVIEW_RATE_LIMITED' })
  })
})

describe('what the gateway spares the API server', () => {
  test('requests with one token share a review, and its answer is remembered for a moment', async () => {
    await using sparing = await startServer(world)
    const request = await goodRequest(world)
    const before = world.api.requestCount('tokenReview')
    await Promise.all(Array.from({ length: 50 }, () => sparing.certify(request)))
    await sparing.certify(request)
    expect(world.api.requestCount('tokenReview') - before).toBe(1)
  })

  test('a token that the cluster did not sign is not asked about', async () => {
    await using sparing = await startServer(world)
    await expect.poll(async () => (await sparing.get('/metrics')).body).toContain('identity_published_keys 1\n')
    const good = await goodRequest(world)
    const forged = new TextEncoder().encode(`${new TextDecoder().decode(good.token).slice(0, -10)}AAAAAAAAAA`)
    const before = world.api.requestCount('tokenReview')
    await expect(sparing.certify({ ...good, token: forged })).rejects.toMatchObject({ status: 'UNAUTHENTICATED' })
    expect(world.api.requestCount('tokenReview')).toBe(before)
    expect((await sparing.get('/metrics')).body).toContain(
      'identity_review_outcomes_total{layer="pre-check",outcome="refused"} 1\n',
    )
    await sparing.certify(good)
  })

  test('keys that cannot be fetched cost the check, not the service: one warning', async () => {
    world.api.aimFaults('jwks')
    world.api.failNext(1, { status: 403 })
    await using bare = await startServer(world)
    const line = await bare.log.next(/^Could not fetch the published keys, tokens are reviewed without a check: /)
    expect(line).toMatchObject({ level: 'warning', code: 'TOKEN_REVIEW_FORBIDDEN' })
    await bare.certify(await goodRequest(world))
  })
})
