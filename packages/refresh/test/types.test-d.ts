import { createRefresher, spreadSchedule, systemClock, type RefreshEvent, type Refresher } from '@meshid/refresh'
import { expectTypeOf, test } from 'vitest'

const needed = {
  renew: () => Promise.resolve('x'),
  validityOf: () => ({ notBefore: new Date(), notAfter: new Date() }),
  schedule: spreadSchedule({ seed: 'a' }),
}

test('a refresher is of what renew gives', () => {
  expectTypeOf(createRefresher({ ...needed, clock: systemClock, random: Math.random })).toEqualTypeOf<
    Refresher<string>
  >()
})

test('time and randomness are arguments', () => {
  // @ts-expect-error no clock
  createRefresher({ ...needed, random: Math.random })
  // @ts-expect-error no randomness
  createRefresher({ ...needed, clock: systemClock })
  // @ts-expect-error nothing tells this holder from the others
  spreadSchedule({})
})

test('events are told apart by their type', () => {
  expectTypeOf<RefreshEvent['type']>().toEqualTypeOf<'renewed' | 'not-extended' | 'scheduled' | 'failed' | 'expired'>()
})
