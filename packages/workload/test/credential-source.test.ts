import { createTestCa } from '@meshid/testkit'
import { createCredentialStore, type Credential } from '@meshid/workload'
import { expect, test } from 'vitest'
import { refusalOf } from './refusal.ts'
import { credentialOf, hourMs, now, web } from './world.ts'

const ca = await createTestCa({ now })
const first = await credentialOf(ca, web)
const second = await credentialOf(ca, web)

test('before the first credential there is none to use', async () => {
  const { source } = createCredentialStore()
  expect(source.current).toBeUndefined()
  expect((await refusalOf(() => source.usable(now))).code).toBe('WORKLOAD_NO_CREDENTIAL')
})

test('the latest is current, and can be used up to and including its last instant', async () => {
  const { source, publish } = createCredentialStore()
  publish(first)
  publish(second)
  expect(source.current).toBe(second)
  expect(source.usable(new Date(now.getTime() + hourMs))).toBe(second)
  const error = await refusalOf(() => source.usable(new Date(now.getTime() + hourMs + 1)))
  expect(error).toMatchObject({
    code: 'WORKLOAD_CREDENTIAL_EXPIRED',
    detail: { expected: '2026-11-21T13:00:00.001Z', found: '2026-11-21T13:00:00.000Z' },
  })
  expect(source.current).toBe(second)
})

test('the read end cannot write', () => {
  const { source } = createCredentialStore()
  expect(Object.isFrozen(source)).toBe(true)
  expect(Object.keys(source).toSorted()).toEqual(['current', 'onChange', 'usable'])
})

test('listeners hear of each new credential until they are ended; the same one may listen twice', () => {
  const { source, publish } = createCredentialStore()
  const heard: Credential[] = []
  const listener = (credential: Credential): void => void heard.push(credential)
  const stop = source.onChange(listener)
  const stopOther = source.onChange(listener)
  publish(first)
  stop()
  stop()
  publish(second)
  stopOther()
  publish(first)
  expect(heard).toEqual([first, first, second])
})

test('a listener that throws does not stop the others, and whoever publishes hears of it', () => {
  const { source, publish } = createCredentialStore()
  const heard: string[] = []
  source.onChange(() => {
    throw new Error('one')
  })
  source.onChange(() => void heard.push('two'))
  source.onChange(() => {
    throw new Error('three')
  })
  let failure: unknown
  try {
    publish(first)
  } catch (error) {
    failure = error
  }
  expect(failure).toBeInstanceOf(AggregateError)
  expect((failure as AggregateError).errors).toEqual([new Error('one'), new Error('three')])
  expect(heard).toEqual(['two'])
  expect(source.current).toBe(first)
})
