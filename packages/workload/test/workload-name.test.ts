import { formatWorkloadName, parseWorkloadName } from '@meshid/workload'
import { expect, test } from 'vitest'
import { refusalOf } from './refusal.ts'

test('a SPIFFE ID with a path is a name (X509-7)', () => {
  const text = 'spiffe://cluster.local/ns/emojivoto/sa/web'
  const name = parseWorkloadName(text)
  expect(name).toMatchObject({ kind: 'spiffe' })
  expect(formatWorkloadName(name)).toBe(text)
  expect(Object.isFrozen(name)).toBe(true)
})

test("Linkerd's DNS form is a name, byte for byte", () => {
  const text = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
  const name = parseWorkloadName(text)
  expect(name).toEqual({ kind: 'dns', dnsName: text })
  expect(formatWorkloadName(name)).toBe(text)
})

test.each([
  ['', 'nothing'],
  ['web', 'one label: a fully qualified name is required'],
  ['web.', 'an empty last label'],
  ['Web.emojivoto', 'upper case'],
  ['web_1.emojivoto', 'an underscore'],
  ['-web.emojivoto', 'a hyphen at the edge'],
  [`${'a'.repeat(64)}.b`, 'a label of 64'],
  [Array.from({ length: 64 }, () => 'abc').join('.'), 'more than 253 bytes'],
  ['spiffe://cluster.local', 'a trust domain only (X509-7)'],
  ['spiffe://cluster.local/', 'a trailing slash (ID-15)'],
  ['spiffe://Cluster.local/a', 'an upper-case trust domain (ID-8)'],
  ['spiffe:cluster.local/a', 'no slashes'],
  ['SPIFFE://cluster.local/a', 'an upper-case scheme'],
])('%j is no name: %s', async (text) => {
  const error = await refusalOf(() => parseWorkloadName(text))
  expect(error.code).toBe('WORKLOAD_NAME_INVALID')
  expect(error.detail.found).toBe(text.slice(0, 300))
})

test('a long name is cut in the error', async () => {
  const error = await refusalOf(() => parseWorkloadName('x'.repeat(100_000)))
  expect(error.message.length).toBeLessThan(500)
})
