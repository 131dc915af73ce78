import { DEFAULT_MAX_REFRESH_MS, linkerdSchedule, LINKERD_MIN_REFRESH_MS } from '@meshid/refresh'
import { describe, expect, test } from 'vitest'

const issued = new Date('2026-11-21T10:00:00Z')
const after = (seconds: number) => new Date(issued.getTime() + seconds * 1_000)

/** When a holder whose every renewal fails tries again, in seconds from issuance, until the expiry. */
function attemptsOf(lifeSeconds: number): number[] {
  const schedule = linkerdSchedule()
  const validity = { notBefore: issued, notAfter: after(lifeSeconds) }
  const attempts: number[] = []
  for (let at = 0; ;) {
    at += schedule(validity, after(at)) / 1_000
    if (at >= lifeSeconds) return attempts
    attempts.push(Math.round(at))
  }
}

describe("Linkerd's schedule", () => {
  test.each([
    ['24h20s', 86_420, [60_494, 78_642, 84_087, 85_720, 86_210, 86_357, 86_401, 86_414]],
    ['1h', 3_600, [2_520, 3_276, 3_503, 3_571, 3_591]],
    ['10m', 600, [420, 546, 584, 595]],
    ['1m', 60, [42, 55]],
  ])('tries a leaf of %s when linkerd2-proxy would', (_name, life, attempts) => {
    expect(attemptsOf(life)).toEqual(attempts)
  })

  test('waits the minimum once expired, and at the very end', () => {
    const schedule = linkerdSchedule()
    const validity = { notBefore: issued, notAfter: after(60) }
    expect(schedule(validity, after(60))).toBe(LINKERD_MIN_REFRESH_MS)
    expect(schedule(validity, after(1e6))).toBe(LINKERD_MIN_REFRESH_MS)
    expect(schedule(validity, after(59))).toBe(LINKERD_MIN_REFRESH_MS)
  })

  test('waits no longer than the maximum', () => {
    expect(linkerdSchedule()({ notBefore: issued, notAfter: after(86_400 * 365) }, issued)).toBe(DEFAULT_MAX_REFRESH_MS)
  })

  test('takes other limits', () => {
    const schedule = linkerdSchedule({ fraction: 0.5, minMs: 100, maxMs: 20_000 })
    const validity = { notBefore: issued, notAfter: after(60) }
    expect(schedule(validity, issued)).toBe(20_000)
    expect(schedule(validity, after(40))).toBe(10_000)
    expect(schedule(validity, after(60))).toBe(100)
  })

  test.each([
    [{ fraction: 0 }],
    [{ fraction: 1 }],
    [{ fraction: Number.NaN }],
    [{ minMs: 0 }],
    [{ minMs: 2, maxMs: 1 }],
    [{ maxMs: Infinity }],
  ])('refuses %j', (options) => {
    expect(() => linkerdSchedule(options)).toThrow(RangeError)
  })
})
