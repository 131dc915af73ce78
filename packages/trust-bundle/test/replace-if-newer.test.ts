import {
  createTrustBundle,
  DEFAULT_REFRESH_INTERVAL_MS,
  MAX_REFRESH_INTERVAL_MS,
  MIN_REFRESH_INTERVAL_MS,
  parseTrustBundle,
  refreshIntervalMs,
  replaceIfNewer,
} from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { codeOf, createAuthority, otherDomain, trustDomain } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b')
const bundle = (sequenceNumber: bigint | undefined, ...x509Authorities: (typeof a.certificate)[]) =>
  createTrustBundle({ trustDomain, x509Authorities, sequenceNumber })

describe('replaceIfNewer', () => {
  const current = bundle(9007199254740992n, a.certificate)

  test('a higher sequence number replaces everything, beyond 53 bits too (BUNDLE-7, BUNDLE-8)', () => {
    const next = bundle(9007199254740993n, b.certificate)
    expect(replaceIfNewer(current, next)).toEqual({ bundle: next, outcome: 'replaced' })
    expect(next.x509Authorities).toEqual([b.certificate])
  })

  test('a lower one changes nothing: an old document cannot come back (BUNDLE-7)', () => {
    expect(replaceIfNewer(current, bundle(1n, b.certificate))).toEqual({ bundle: current, outcome: 'older' })
  })

  test('the same one says nothing new, or that its publisher forgot to raise it (BUNDLE-7)', () => {
    expect(replaceIfNewer(current, bundle(9007199254740992n, a.certificate)).outcome).toBe('unchanged')
    expect(replaceIfNewer(current, bundle(9007199254740992n, b.certificate))).toEqual({
      bundle: current,
      outcome: 'conflict',
    })
  })

  test('without a number the one that was fetched last counts', () => {
    const next = bundle(undefined, b.certificate)
    expect(replaceIfNewer(current, next)).toEqual({ bundle: next, outcome: 'replaced' })
    expect(replaceIfNewer(next, current)).toEqual({ bundle: current, outcome: 'replaced' })
    expect(replaceIfNewer(next, bundle(undefined, b.certificate)).outcome).toBe('unchanged')
  })

  test('an empty bundle replaces a full one; there is no way back to what was trusted before (BUNDLE-12)', () => {
    const revoked = parseTrustBundle('{"keys":[],"spiffe_sequence":9007199254740993}', { trustDomain })
    expect(replaceIfNewer(current, revoked)).toMatchObject({ outcome: 'replaced', bundle: { isEmpty: true } })
  })

  test('bundles of different trust domains do not follow each other (BUNDLE-2)', () => {
    const other = createTrustBundle({ trustDomain: otherDomain, sequenceNumber: 2n ** 60n })
    expect(codeOf(() => replaceIfNewer(current, other))).toBe('TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH')
  })
})

describe('refreshIntervalMs', () => {
  test.each([
    [undefined, DEFAULT_REFRESH_INTERVAL_MS],
    [1000, MIN_REFRESH_INTERVAL_MS],
    [600_000, 600_000],
    [7 * 86_400_000, MAX_REFRESH_INTERVAL_MS],
  ])('of a hint of %s ms is %i ms (BUNDLE-9, BUNDLE-27)', (refreshHintMs, expected) => {
    expect(refreshIntervalMs(createTrustBundle({ trustDomain, refreshHintMs }))).toBe(expected)
  })
})
