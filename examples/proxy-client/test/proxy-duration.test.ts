import { expect, test } from 'vitest'
import { parseProxyDuration } from '../src/proxy-duration.ts'

test.each([
  ['10s', 10_000],
  ['24h', 86_400_000],
  ['300ms', 300],
  ['5m', 300_000],
  ['1d', 86_400_000],
  ['0', 0],
  [' 7s ', 7000],
])('%j is %i ms', (text, ms) => expect(parseProxyDuration(text)).toBe(ms))

test.each(['', '10', '1.5h', '-1s', '1h30m', 's', '1 s', '1000000000000000000s'])('%j is no duration', (text) => {
  expect(() => parseProxyDuration(text)).toThrow(/^expected a duration such as 10s, 5m or 24h, found /)
})
