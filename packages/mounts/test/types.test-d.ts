import { watchMount, type MountSnapshot, type MountWatch } from '@meshid/mounts'
import { expectTypeOf, test } from 'vitest'

const clock = { setTimer: () => () => {} }

test('a watch is of what parse gives, or of snapshots', () => {
  expectTypeOf(watchMount('/x', { files: ['a'], clock })).toEqualTypeOf<MountWatch<MountSnapshot>>()
  expectTypeOf(watchMount('/x', { files: ['a'], clock, parse: () => 7 })).toEqualTypeOf<MountWatch<number>>()
  expectTypeOf(watchMount('/x', { files: ['a'], clock, parse: () => Promise.resolve('x') })).toEqualTypeOf<
    MountWatch<string>
  >()
})

test('parse knows its snapshot without being told', () => {
  expectTypeOf(watchMount('/x', { files: ['a'], clock, parse: (snapshot) => snapshot.text('a') })).toEqualTypeOf<
    MountWatch<string>
  >()
})

test('timers are an argument', () => {
  // @ts-expect-error no clock
  watchMount('/x', { files: ['a'] })
})
