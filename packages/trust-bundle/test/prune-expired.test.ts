import { createTrustBundle, pruneExpired } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { createAuthority, dayMs, days, jwtJwk, read, trustDomain, x509Jwk } from './authorities.ts'

const old = await createAuthority('old', { lifetimeMs: 10 * dayMs })
const current = await createAuthority('current', { lifetimeMs: 100 * dayMs })
const future = await createAuthority('future', { born: days(50), lifetimeMs: 100 * dayMs })
const x509Authorities = [old.certificate, current.certificate, future.certificate]
const bundle = createTrustBundle({ trustDomain, x509Authorities, sequenceNumber: 5n, refreshHintMs: 60_000 })

describe('pruneExpired', () => {
  test('changes nothing while nothing has expired', () => {
    expect(pruneExpired(bundle, days(1))).toEqual({ bundle, removed: [], outcome: 'unchanged' })
  })

  test('removes what has expired and says until when it was valid; what is not yet valid stays', () => {
    const pruned = pruneExpired(bundle, days(20))
    expect(pruned.outcome).toBe('pruned')
    expect(pruned.bundle.x509Authorities).toEqual([current.certificate, future.certificate])
    expect(pruned.bundle).toMatchObject({ trustDomain, sequenceNumber: 5n, refreshHintMs: 60_000 })
    expect(pruned.removed).toEqual([
      {
        certificate: old.certificate,
        reason: 'expired',
        notAfter: old.certificate.notAfter,
        expiredForMs: days(20).getTime() - old.certificate.notAfter.getTime(),
        message: expect.stringMatching(/^CN=old: removed at .*, because it was valid until /),
      },
    ])
  })

  test('includes the last second, as verification does', () => {
    const { notAfter } = old.certificate
    expect(pruneExpired(bundle, new Date(notAfter.getTime() + 999)).outcome).toBe('unchanged')
    expect(pruneExpired(bundle, new Date(notAfter.getTime() + 1000)).outcome).toBe('pruned')
  })

  test('says so when the last authority goes: nothing of the trust domain verifies any more (BUNDLE-12)', () => {
    const pruned = pruneExpired(bundle, days(1000))
    expect(pruned).toMatchObject({ outcome: 'emptied', bundle: { isEmpty: true, trustAnchors: undefined } })
    expect(pruned.removed).toHaveLength(3)
  })

  test('leaves keys for tokens alone', () => {
    const { bundle: both } = read({ keys: [x509Jwk(old.certificate), jwtJwk(old.certificate)] })
    const pruned = pruneExpired(both, days(1000))
    expect(pruned).toMatchObject({ outcome: 'emptied', bundle: { isEmpty: false, x509Authorities: [] } })
  })

  test('wants a valid instant', () => {
    expect(() => pruneExpired(bundle, new Date(Number.NaN))).toThrow(RangeError)
  })
})
