import { linkerdSchedule } from '@meshid/refresh'
import { expect, test } from 'vitest'
import { createRig, HOUR, SECOND, START } from './rig.ts'

const DAY = 24 * HOUR

/** When a holder of a 24 h certificate asks whose every renewal fails, in seconds from issuance, until the end. */
async function attemptsOf(random: () => number): Promise<number[]> {
  const rig = createRig({
    lifeMs: DAY,
    schedule: linkerdSchedule(),
    random,
    before: (serial) => (serial > 1 ? Promise.reject(new Error('down')) : undefined),
  })
  await rig.clock.advance(DAY)
  await rig.refresher[Symbol.asyncDispose]()
  return rig.attemptsMs.slice(1).map((ms) => ms / SECOND)
}

/** The same under linkerd2-proxy's rule: 70 % of what remains, also after a failure. */
function linkerdAttempts(): number[] {
  const schedule = linkerdSchedule()
  const validity = { notBefore: START, notAfter: new Date(START.getTime() + DAY) }
  const attempts: number[] = []
  for (let at = schedule(validity, START); at < DAY; at += schedule(validity, new Date(START.getTime() + at))) {
    attempts.push(Math.round(at / SECOND))
  }
  return attempts
}

test('after a failure of a 24 h certificate the next try comes in seconds, not after five hours (Q35)', async () => {
  const ours = await attemptsOf(() => 0.5)
  const linkerd = linkerdAttempts()
  // oxlint-disable-next-line no-console -- the figures are meant to be read
  console.table(
    Array.from({ length: 9 }, (_value, index) => ({
      attempt: index + 1,
      'ours, s from issuance': ours[index],
      'ours, s after the failure before': index === 0 ? '' : (ours[index] ?? 0) - (ours[index - 1] ?? 0),
      "Linkerd's, s from issuance": linkerd[index] ?? 'past the end',
    })),
  )
  // oxlint-disable-next-line no-console -- the figures are meant to be read
  console.log(`until the end: ours ${ours.length} attempts, Linkerd's ${linkerd.length}`)
  expect(ours[0]).toBe(60_480)
  expect(ours.slice(1, 9).map((at, index) => at - (ours[index] ?? 0))).toEqual([
    1.5, 2.5, 4.5, 8.5, 16.5, 30.5, 30.5, 30.5,
  ])
  const gaps = ours.slice(1).map((at, index) => at - (ours[index] ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(60)
  expect(ours.at(-1)).toBeGreaterThan(86_400 - 2)
  expect((linkerd[1] ?? 0) - (linkerd[0] ?? 0)).toBeGreaterThan(5 * 3_600)
})
