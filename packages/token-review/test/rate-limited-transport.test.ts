import { createRateLimitedTransport, type KubernetesTransport, type RateLimitOptions } from '@meshid/token-review'
import { describe, expect, it } from 'vitest'
import { failure } from './failure.ts'
import { fakeClock } from './fake-clock.ts'
import { keepEvents } from './gateway/stub-reviewer.ts'
import { stubTransport } from './stub-transport.ts'

function limited(options: Omit<RateLimitOptions, 'clock'>) {
  const clock = fakeClock()
  const stub = stubTransport({ body: 'answer' })
  const transport: KubernetesTransport = createRateLimitedTransport(stub, { ...options, clock })
  const ask = (path: string, signal?: AbortSignal) => transport.request({ method: 'POST', path, signal })
  const sent = () => stub.requests.map(({ path }) => path)
  return { clock, ask, sent, stub }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `/${index}`)

describe('createRateLimitedTransport', () => {
  it('passes request and answer on as they are', async () => {
    const { ask, stub } = limited({ qps: 1, burst: 1 })
    const { signal } = new AbortController()
    expect(await ask('/a', signal)).toEqual({ status: 201, headers: {}, body: 'answer' })
    expect(stub.requests).toEqual([{ method: 'POST', path: '/a', signal }])
  })

  it('sends a burst at once and then so many each second, in their order (Linkerd: 100 qps, burst 200)', async () => {
    const { ask, sent, clock } = limited({ qps: 100, burst: 200 })
    const answers = Promise.all(many(300).map((path) => ask(path)))
    await clock.advance(0)
    expect(sent()).toHaveLength(200)
    await clock.advance(500)
    expect(sent()).toHaveLength(250)
    await clock.advance(500)
    expect(sent()).toEqual(many(300))
    expect(await answers).toHaveLength(300)
    expect(clock.timers).toBe(0)
  })

  it('fills up again in quiet times, but never beyond the burst', async () => {
    const { ask, sent, clock } = limited({ qps: 2, burst: 3 })
    await Promise.all(many(3).map((path) => ask(path)))
    await clock.advance(3_600_000)
    for (const path of many(5)) void ask(path)
    await clock.advance(0)
    expect(sent()).toHaveLength(6)
    await clock.advance(1000)
    expect(sent()).toHaveLength(8)
  })

  it('takes rates below one a second', async () => {
    const { ask, sent, clock } = limited({ qps: 0.1, burst: 1 })
    for (const path of many(2)) void ask(path)
    await clock.advance(9_999)
    expect(sent()).toEqual(['/0'])
    await clock.advance(1)
    expect(sent()).toEqual(['/0', '/1'])
  })

  it('keeps its rate when the wall clock goes back, and gives no more than a burst when it leaps forward', async () => {
    const { ask, sent, clock } = limited({ qps: 1, burst: 2 })
    for (const path of many(6)) void ask(path)
    await clock.advance(0)
    clock.jump(-86_400_000)
    await clock.advance(1000)
    expect(sent().length).toBeGreaterThanOrEqual(2)
    await clock.advance(1000)
    expect(sent().length).toBeGreaterThanOrEqual(3)
    clock.jump(86_400_000)
    await clock.advance(1000)
    expect(sent().length).toBeLessThanOrEqual(5)
    await clock.advance(3000)
    expect(sent()).toEqual(many(6))
  })

  it('lets a request that waits go when its signal aborts, unsent, with its reason, and the next one takes its place', async () => {
    const { ask, sent, clock } = limited({ qps: 1, burst: 1 })
    const gone = new AbortController()
    await ask('/0')
    const first = ask('/1', gone.signal).catch((error: unknown) => error)
    const second = ask('/2')
    gone.abort('enough')
    expect(await first).toBe('enough')
    await clock.advance(1000)
    await second
    expect(sent()).toEqual(['/0', '/2'])
  })

  it('keeps no timer when nobody waits any more', async () => {
    const { ask, clock } = limited({ qps: 1, burst: 1 })
    const gone = new AbortController()
    await ask('/0')
    const waiting = ask('/1', gone.signal).catch((error: unknown) => error)
    expect(clock.timers).toBe(1)
    gone.abort(new Error('gone'))
    await waiting
    expect(clock.timers).toBe(0)
  })

  it('takes nothing from an aborted request, and nothing of its turn', async () => {
    const { ask, sent } = limited({ qps: 1, burst: 1 })
    await expect(ask('/0', AbortSignal.abort('before'))).rejects.toBe('before')
    await ask('/1')
    expect(sent()).toEqual(['/1'])
  })

  it('refuses when the queue is full, and says when to come again', async () => {
    const { ask, sent, clock } = limited({ qps: 4, burst: 1, maxQueue: 2 })
    const waiting = Promise.all(many(3).map((path) => ask(path)))
    const refusal = await failure(ask('/late'))
    expect(refusal).toMatchObject({ code: 'TOKEN_REVIEW_QUEUE_FULL', detail: { limit: 2, retryAfterMs: 500 } })
    await clock.advance(500)
    await waiting
    expect(sent()).toEqual(many(3))
  })

  it('tells how many wait, and the observer of each that waited or was refused, without its content', async () => {
    const { events, observer } = keepEvents()
    let now = 0
    const clock = fakeClock()
    const options = { qps: 2, burst: 1, maxQueue: 2, clock, observer, monotonicMs: () => now }
    const transport = createRateLimitedTransport(stubTransport({}), options)
    const ask = () => transport.request({ method: 'POST', path: '/', body: 'secret' })
    const answers = Promise.all([ask(), ask(), ask()])
    await failure(ask())
    expect(transport.waiting).toBe(2)
    now = 500
    await clock.advance(500)
    now = 1000
    await clock.advance(500)
    await answers
    expect(transport.waiting).toBe(0)
    expect(events).toEqual([
      { type: 'queue-full', waiting: 2, retryAfterMs: 1000, durationMs: 0 },
      { type: 'queued', waiting: 1, durationMs: 500 },
      { type: 'queued', waiting: 0, durationMs: 1000 },
    ])
  })

  it('with no queue never waits', async () => {
    const { ask, clock } = limited({ qps: 1, burst: 1, maxQueue: 0 })
    await ask('/0')
    expect(await failure(ask('/1'))).toMatchObject({ code: 'TOKEN_REVIEW_QUEUE_FULL', detail: { retryAfterMs: 1000 } })
    expect(clock.timers).toBe(0)
  })

  it('gives each caller the failure of its own request', async () => {
    const clock = fakeClock()
    const broken = stubTransport(() => Promise.reject(new Error('down')))
    const transport = createRateLimitedTransport(broken, { qps: 1, burst: 1, clock })
    await expect(transport.request({ method: 'GET', path: '/' })).rejects.toThrow('down')
  })

  it.each([
    ['qps', { qps: 0, burst: 1 }],
    ['qps', { qps: Number.POSITIVE_INFINITY, burst: 1 }],
    ['burst', { qps: 1, burst: 0 }],
    ['burst', { qps: 1, burst: 1.5 }],
    ['maxQueue', { qps: 1, burst: 1, maxQueue: -1 }],
  ])('refuses a wrong %s: %j', (name, options) => {
    expect(() => limited(options)).toThrow(new RegExp(`^${name}: expected`))
  })
})
