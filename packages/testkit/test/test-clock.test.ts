import { createTestClock } from '@meshid/testkit'
import { describe, expect, it } from 'vitest'

const start = new Date('2026-11-21T10:00:00Z')

describe('createTestClock', () => {
  it('stands still until it is moved', async () => {
    const clock = createTestClock(start)
    expect(clock.now()).toEqual(start)
    await clock.advance(1500)
    expect(clock.now()).toEqual(new Date('2026-11-21T10:00:01.500Z'))
  })

  it('fires timers in order of time, those of one instant in order of setting, each at its own instant', async () => {
    const clock = createTestClock(start)
    const fired: [string, number][] = []
    const set = (name: string, delayMs: number): void =>
      void clock.setTimer(delayMs, () => fired.push([name, clock.now().getTime() - start.getTime()]))
    set('third', 30)
    set('first', 10)
    set('second', 20)
    set('second too', 20)
    set('never', 41)
    await clock.advance(40)
    expect(fired).toEqual([
      ['first', 10],
      ['second', 20],
      ['second too', 20],
      ['third', 30],
    ])
    expect(clock.pending).toBe(1)
  })

  it('fires a timer that a promise of an earlier one has set, within one advance', async () => {
    const clock = createTestClock(start)
    let rounds = 0
    const loop = async (): Promise<void> => {
      rounds += 1
      await Promise.resolve()
      await Promise.resolve()
      clock.setTimer(10, () => void loop())
    }
    await loop()
    await clock.advance(100)
    expect(rounds).toBe(11)
  })

  it('does not fire what was cancelled, and counts a negative delay as none', async () => {
    const clock = createTestClock(start)
    const fired: string[] = []
    const cancel = clock.setTimer(5, () => fired.push('cancelled'))
    clock.setTimer(-5, () => fired.push('at once'))
    cancel()
    await clock.advance(0)
    expect(fired).toEqual(['at once'])
    expect(clock.pending).toBe(0)
  })

  it('jumps without firing: timers keep their delays when somebody corrects the clock', async () => {
    const clock = createTestClock(start)
    let fired = 0
    clock.setTimer(1000, () => (fired += 1))
    clock.jump(new Date('2027-01-01T00:00:00Z'))
    await clock.advance(999)
    expect([fired, clock.now().toISOString()]).toEqual([0, '2027-01-01T00:00:00.999Z'])
    await clock.advance(1)
    expect(fired).toBe(1)
  })

  it('refuses to go back', async () => {
    await expect(createTestClock(start).advance(-1)).rejects.toThrow(RangeError)
  })
})
