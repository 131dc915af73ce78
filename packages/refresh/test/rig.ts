import {
  createRefresher,
  type RefreshEvent,
  type Refresher,
  type RefresherOptions,
  type Validity,
} from '@meshid/refresh'
import { createTestClock, type TestClock } from './test-clock.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const START = new Date('2026-11-21T10:00:00.000Z')

/** What a test renews: a number and how long it lives. */
export interface Ticket extends Validity {
  readonly serial: number
}

export interface Rig {
  readonly clock: TestClock
  readonly refresher: Refresher<Ticket>
  readonly events: RefreshEvent[]
  /** The `type` of every event so far. */
  readonly types: () => string[]
  /** When each attempt began, in milliseconds from the start. */
  readonly attemptsMs: number[]
}

export interface RigOptions extends Partial<RefresherOptions<Ticket>> {
  readonly lifeMs?: number
  /** Called before each ticket is made; throws or waits to disturb. */
  readonly before?: (serial: number, signal: AbortSignal) => Promise<void> | void
  readonly clock?: TestClock
}

/** A refresher of tickets on a fake clock: half the life, no jitter, retries at their ceiling. */
export function createRig({ lifeMs = HOUR, before, clock = createTestClock(START), ...options }: RigOptions = {}): Rig {
  const events: RefreshEvent[] = []
  const attemptsMs: number[] = []
  const refresher = createRefresher<Ticket>({
    renew: async (signal) => {
      attemptsMs.push(clock.now().getTime() - START.getTime())
      const serial = attemptsMs.length
      await before?.(serial, signal)
      const notBefore = clock.now()
      return { serial, notBefore, notAfter: new Date(notBefore.getTime() + lifeMs) }
    },
    validityOf: (ticket) => ticket,
    schedule: (validity, now) => (validity.notAfter.getTime() - now.getTime()) / 2,
    random: () => 0.999_999,
    observer: (event) => events.push(event),
    ...options,
    clock,
  })
  return { clock, refresher, events, attemptsMs, types: () => events.map(({ type }) => type) }
}
