import { describe, expect, test } from 'vitest'
import { createRig, HOUR, MINUTE, SECOND, type Rig, type Ticket } from './rig.ts'
import { settle } from './test-clock.ts'

const down = new Error('the server is down')

/** Reads until the iteration ends. */
async function collect(values: AsyncIterable<Ticket>, into: number[]): Promise<'ended'> {
  for await (const { serial } of values) into.push(serial)
  return 'ended'
}

function next(rig: Rig): { iterator: AsyncIterator<Ticket>; serial(): Promise<number | undefined> } {
  const iterator = rig.refresher.updates()[Symbol.asyncIterator]()
  return {
    iterator,
    serial: async () => {
      const result = await iterator.next()
      return result.done === true ? undefined : result.value.serial
    },
  }
}

describe('ready', () => {
  test('waits for the first value, through failures', async () => {
    const { clock, refresher } = createRig({ before: (serial) => (serial < 3 ? Promise.reject(down) : undefined) })
    const waiting = refresher.ready()
    await clock.advance(MINUTE)
    expect((await waiting).serial).toBe(3)
    expect((await refresher.ready()).serial).toBe(3)
  })

  test("rejects with the signal's own reason", async () => {
    const { clock, refresher } = createRig({ before: () => new Promise<void>(() => {}) })
    const controller = new AbortController()
    const waiting = refresher.ready(controller.signal)
    await clock.advance(0)
    controller.abort(down)
    await expect(waiting).rejects.toBe(down)
    await expect(refresher.ready(controller.signal)).rejects.toBe(down)
  })

  test('rejects when the refresher is disposed, before and after', async () => {
    const { refresher } = createRig({ before: () => new Promise<void>(() => {}) })
    const waiting = expect(refresher.ready()).rejects.toMatchObject({ code: 'REFRESH_CLOSED' })
    await refresher[Symbol.asyncDispose]()
    await waiting
    await expect(refresher.ready()).rejects.toMatchObject({ code: 'REFRESH_CLOSED' })
    const controller = new AbortController()
    controller.abort(down)
    await expect(refresher.ready(controller.signal)).rejects.toBe(down)
  })
})

describe('refreshNow', () => {
  test('renews at once and moves the schedule', async () => {
    const { clock, refresher, attemptsMs } = createRig()
    await clock.advance(10 * MINUTE)
    expect((await refresher.refreshNow()).serial).toBe(2)
    await clock.advance(30 * MINUTE)
    expect(attemptsMs).toEqual([0, 10 * MINUTE, 40 * MINUTE])
  })

  test('joins the renewal in flight', async () => {
    const { refresher, attemptsMs } = createRig()
    const [one, two] = await Promise.all([refresher.refreshNow(), refresher.refreshNow()])
    expect([one.serial, two.serial]).toEqual([1, 1])
    expect(attemptsMs).toHaveLength(1)
  })

  test('rejects with what the attempt failed with; ignoring it crashes nothing', async () => {
    const { clock, refresher } = createRig({ before: (serial) => (serial > 1 ? Promise.reject(down) : undefined) })
    await clock.advance(0)
    void refresher.refreshNow()
    await settle()
    await expect(refresher.refreshNow()).rejects.toBe(down)
    expect(refresher.status()).toMatchObject({ state: 'retrying', attempt: 2 })
  })

  test('can be given up without ending the attempt', async () => {
    const { clock, refresher } = createRig()
    await clock.advance(0)
    const controller = new AbortController()
    const waiting = refresher.refreshNow(controller.signal)
    controller.abort(down)
    await expect(waiting).rejects.toBe(down)
    await settle()
    expect(refresher.current?.serial).toBe(2)
    await expect(refresher.refreshNow(controller.signal)).rejects.toBe(down)
    await settle()
    expect(refresher.current?.serial).toBe(2)
  })

  test('rejects once disposed', async () => {
    const { refresher } = createRig()
    await refresher[Symbol.asyncDispose]()
    await expect(refresher.refreshNow()).rejects.toMatchObject({ code: 'REFRESH_CLOSED' })
  })
})

describe('updates', () => {
  test('begins with the value in use and gives each new one to every reader', async () => {
    const rig = createRig()
    const early: number[] = []
    const late: number[] = []
    const first = collect(rig.refresher.updates(), early)
    await rig.clock.advance(45 * MINUTE)
    const second = collect(rig.refresher.updates(), late)
    await rig.clock.advance(30 * MINUTE)
    expect([early, late]).toEqual([
      [1, 2, 3],
      [2, 3],
    ])
    await rig.refresher[Symbol.asyncDispose]()
    expect(await Promise.all([first, second])).toEqual(['ended', 'ended'])
  })

  test('conflates to the latest for a slow reader', async () => {
    const rig = createRig()
    const slow = next(rig)
    await rig.clock.advance(0)
    expect(await slow.serial()).toBe(1)
    await rig.clock.advance(3 * HOUR)
    expect(await slow.serial()).toBe(7)
  })

  test('answers several calls of next in order', async () => {
    const rig = createRig()
    const reader = next(rig)
    const both = Promise.all([reader.serial(), reader.serial()])
    await rig.clock.advance(30 * MINUTE)
    expect(await both).toEqual([1, 2])
  })

  test('ends a pending next when the reader leaves or the refresher is disposed', async () => {
    const rig = createRig({ before: () => new Promise<void>(() => {}) })
    const leaver = next(rig)
    const stayer = next(rig)
    const left = leaver.serial()
    const stayed = stayer.serial()
    await leaver.iterator.return?.()
    expect(await left).toBeUndefined()
    await rig.refresher[Symbol.asyncDispose]()
    expect(await stayed).toBeUndefined()
    expect(await stayer.serial()).toBeUndefined()
    expect(await next(rig).serial()).toBeUndefined()
  })

  test('forgets an unread value when disposed', async () => {
    const rig = createRig()
    const reader = next(rig)
    await rig.clock.advance(0)
    await rig.refresher[Symbol.asyncDispose]()
    expect(await reader.serial()).toBeUndefined()
  })
})

describe('disposing', () => {
  test('leaves no timer, whatever is going on', async () => {
    const waiting = createRig()
    await waiting.clock.advance(SECOND)
    const retrying = createRig({ before: (serial) => (serial > 1 ? Promise.reject(down) : undefined) })
    await retrying.clock.advance(31 * MINUTE)
    const renewing = createRig({ before: () => new Promise<void>(() => {}) })
    await renewing.clock.advance(SECOND)
    for (const { clock, refresher, types } of [waiting, retrying, renewing]) {
      expect(clock.timers).toBeGreaterThan(0)
      const before = types().length
      await refresher[Symbol.asyncDispose]()
      await refresher[Symbol.asyncDispose]()
      expect(clock.timers).toBe(0)
      expect(refresher.status()).toMatchObject({ state: 'closed', since: clock.now(), nextAttemptAt: undefined })
      await clock.advance(HOUR)
      expect(types()).toHaveLength(before)
    }
  })

  test('works with await using, also from inside a renewal', async () => {
    const { clock, refresher } = createRig({ before: () => refresher[Symbol.asyncDispose]() })
    await clock.advance(0)
    expect(refresher.status().state).toBe('closed')
    const outer = createRig()
    {
      await using inner = outer.refresher
      expect((await inner.ready()).serial).toBe(1)
    }
    expect(outer.clock.timers).toBe(0)
  })
})
