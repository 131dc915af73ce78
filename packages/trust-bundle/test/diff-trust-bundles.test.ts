import { nobleVerifier, type Verifier } from '@meshid/keys'
import { createTrustBundle, diffTrustBundles, MAX_DIFF_SIGNATURE_CHECKS } from '@meshid/trust-bundle'
import type { Certificate } from '@meshid/certificate'
import { describe, expect, test } from 'vitest'
import { codeOf, createAuthority, crossSign, jwtJwk, otherDomain, read, trustDomain } from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b')
const aAgain = await createAuthority('a', { signer: a.signer, lifetimeMs: 700 * 86_400_000 })
const bByA = await crossSign(b, a)
const bundle = (...x509Authorities: readonly Certificate[]) => createTrustBundle({ trustDomain, x509Authorities })
const kinds = (...input: Parameters<typeof diffTrustBundles>) =>
  diffTrustBundles(...input).authorities.map(({ kind }) => kind)

describe('diffTrustBundles', () => {
  test('sees that nothing changed, whatever the order', () => {
    const { authorities, jwtKeyIds } = diffTrustBundles(
      bundle(a.certificate, b.certificate),
      bundle(b.certificate, a.certificate),
    )
    expect(authorities.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged'])
    expect(jwtKeyIds).toEqual({ added: [], removed: [], changed: [] })
  })

  test('knows a key again that has new dates', () => {
    expect(diffTrustBundles(bundle(a.certificate), bundle(aAgain.certificate)).authorities).toEqual([
      { kind: 'reissued', before: [a.certificate], after: [aAgain.certificate] },
    ])
    expect(kinds(bundle(a.certificate), bundle(a.certificate, aAgain.certificate))).toEqual(['reissued'])
  })

  test('knows a new key that an old authority signed, in the bundle or beside it', () => {
    const inside = diffTrustBundles(bundle(a.certificate), bundle(a.certificate, b.certificate, bByA))
    expect(inside.authorities[1]).toEqual({
      kind: 'cross-signed',
      before: [],
      after: [b.certificate, bByA],
      signedBy: a.certificate,
    })
    const beside = [bundle(a.certificate), bundle(a.certificate, b.certificate)] as const
    expect(kinds(...beside, { intermediates: [bByA] })).toEqual(['unchanged', 'cross-signed'])
    expect(kinds(...beside)).toEqual(['unchanged', 'unknown'])
  })

  test('takes the word of a signature only, not of a name', async () => {
    const impostor = await createAuthority('a')
    const bByImpostor = await crossSign(b, impostor)
    expect(kinds(bundle(a.certificate), bundle(a.certificate, bByImpostor))).toEqual(['unchanged', 'unknown'])
  })

  test('does not let new keys vouch for each other', async () => {
    const c = await createAuthority('c')
    const cByB = await crossSign(c, b)
    expect(kinds(bundle(a.certificate), bundle(b.certificate, c.certificate, cByB))).toEqual([
      'unknown',
      'unknown',
      'removed',
    ])
  })

  test('says which keys are gone, down to all of them (BUNDLE-12)', () => {
    expect(diffTrustBundles(bundle(a.certificate, b.certificate), bundle()).authorities).toEqual([
      { kind: 'removed', before: [a.certificate], after: [] },
      { kind: 'removed', before: [b.certificate], after: [] },
    ])
  })

  test('compares keys for tokens by their names', () => {
    const before = read({ keys: [jwtJwk(a.certificate), jwtJwk(a.certificate, { kid: 'x' })] }).bundle
    const after = read({ keys: [jwtJwk(b.certificate), jwtJwk(b.certificate, { kid: 'y' })] }).bundle
    expect(diffTrustBundles(before, after).jwtKeyIds).toEqual({ added: ['y'], removed: ['x'], changed: ['key-1'] })
  })

  test('refuses bundles of different trust domains', () => {
    const other = createTrustBundle({ trustDomain: otherDomain })
    expect(codeOf(() => diffTrustBundles(bundle(), other))).toBe('TRUST_BUNDLE_TRUST_DOMAIN_MISMATCH')
  })

  test('checks a limited number of signatures', async () => {
    const twins = await Promise.all(Array.from({ length: 9 }, () => createAuthority('a')))
    const news = await Promise.all(
      Array.from({ length: 8 }, async () => crossSign(await createAuthority('x'), twins[0] ?? a)),
    )
    let checks = 0
    const never: Verifier = {
      verify: () => {
        checks += 1
        return false
      },
    }
    const before = bundle(...twins.map(({ certificate }) => certificate))
    expect(codeOf(() => diffTrustBundles(before, bundle(...news), { verifier: never }))).toBe(
      'TRUST_BUNDLE_SEARCH_LIMIT',
    )
    expect(checks).toBe(MAX_DIFF_SIGNATURE_CHECKS)
  })

  test('passes on what is no refusal of a key', () => {
    const broken: Verifier = {
      verify: () => {
        throw new Error('the key service is away')
      },
    }
    const input = [bundle(a.certificate), bundle(a.certificate, bByA)] as const
    expect(() => diffTrustBundles(...input, { verifier: broken })).toThrow('the key service is away')
    expect(kinds(...input, { verifier: nobleVerifier })).toEqual(['unchanged', 'cross-signed'])
  })
})
