import { formatExplanation } from '@meshid/certificate'
import { encodeElement, encodeSequence, oids } from '@meshid/der'
import { explainSvid, SvidError, type SvidExplanation, verifySvid, type VerifySvidInput } from '@meshid/svid'
import { createTrustBundle, createTrustBundleSet } from '@meshid/trust-bundle'
import * as fc from 'fast-check'
import { nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  type AltName,
  authority,
  bundles,
  bundlesOf,
  extension,
  forge,
  hours,
  intermediate,
  type Link,
  newKey,
  now,
  otherDomain,
  type Recipe,
  root,
  trustDomain,
  type Usage,
  web,
  webId,
  workload,
} from './forge.ts'

type Case = Partial<Omit<VerifySvidInput, 'chain'>>

function inputOf(links: readonly (Link | Uint8Array)[], settings: Case = {}): VerifySvidInput {
  const chain = links.map((link) => (link instanceof Uint8Array ? link : link.certificate))
  return { chain, bundles, now, purpose: 'client', ...settings }
}

function explained(links: readonly (Link | Uint8Array)[], settings: Case = {}): SvidExplanation {
  return explainSvid(inputOf(links, settings))
}

const leafOf = (recipe: Recipe): readonly Link[] => [workload(webId, intermediate, recipe), intermediate]

/** The rules by what became of them. */
function rulesThat(verdict: string, { rules }: SvidExplanation): readonly string[] {
  return rules.flatMap((rule) => (rule.verdict === verdict ? [rule.rule] : []))
}

const verifiers = ({ otherVerifiers }: SvidExplanation): readonly string[] =>
  otherVerifiers.map(({ verifier }) => verifier)

const codeOf = ({ verdict, reason }: SvidExplanation): string =>
  verdict === 'accepted' ? verdict : (reason?.code ?? '')

function verdictOf(input: VerifySvidInput): string {
  try {
    verifySvid(input, { verifier: nobleVerifier })
    return 'accepted'
  } catch (error) {
    if (error instanceof SvidError) return error.code
    throw error
  }
}

describe('explainSvid', () => {
  test('shows of an accepted SVID every rule kept, and the path to its authority', () => {
    const explanation = explained([web, intermediate])
    expect(codeOf(explanation)).toBe('accepted')
    const order = [
      'X509-3',
      'X509-2',
      'X509-5',
      'X509-7',
      'X509-15',
      'X509-18',
      'X509-18',
      'X509-8',
      'X509-29',
      'X509-26',
    ]
    expect(rulesThat('kept', explanation)).toEqual(order)
    expect(explanation).toMatchObject({ purpose: 'leaf-client', reason: undefined, more: [], tree: { isOnPath: true } })
    expect(formatExplanation(explanation)).toContain(
      '  ✓ X509-29  there is a bundle of its own trust domain: td.test: 1 authority\n',
    )
  })

  test.each<[string, readonly AltName[], string, string]>([
    ['X509-3', [{ dns: 'web.shop' }], 'SVID_NO_URI_NAME', 'with its SPIFFE ID as a URI name'],
    ['X509-2', [{ uri: webId }, { uri: 'https://td.test' }], 'SVID_MULTIPLE_URI_NAMES', 'as the only URI name'],
    ['X509-5', [{ uri: 'spiffe://TD.test/x' }], 'SVID_ID_INVALID', 'a trust domain in lower case'],
    ['X509-7', [{ uri: 'spiffe://td.test' }], 'SVID_ID_WITHOUT_PATH', 'an ID that names a workload'],
  ])('names rule %s, what was found and what to fix', (rule, names, code, fix) => {
    const explanation = explained(leafOf({ names }))
    expect(codeOf(explanation)).toBe(code)
    expect(rulesThat('broken', explanation)).toContain(rule)
    expect(explanation.reason?.what).toMatch(new RegExp(`^Rule ${rule} asks that .*; found: .*\\.$`))
    expect(explanation.reason?.fix).toContain(fix)
    expect(verifiers(explanation)).toContain('Go crypto/x509, rustls-webpki and OpenSSL')
  })

  test.each<[string, Recipe, string]>([
    ['X509-15', { ca: true }, 'SVID_LEAF_IS_CA'],
    ['X509-18', { usages: ['keyEncipherment'] }, 'SVID_LEAF_NO_DIGITAL_SIGNATURE'],
    ['X509-18', { usages: ['digitalSignature', 'crlSign'] }, 'SVID_LEAF_CAN_SIGN'],
    ['X509-8', { namesCritical: false }, 'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL'],
  ])('names rule %s of what a leaf may do', (rule, recipe, code) => {
    const explanation = explained(leafOf(recipe))
    expect(codeOf(explanation)).toBe(code)
    expect(rulesThat('broken', explanation)).toContain(rule)
    expect(explanation.reason?.fix).toMatch(/\.$/)
  })

  test('says of many names only the first, and which verifiers go by names that are no IDs', () => {
    const names = Array.from({ length: 20 }, (_, at) => ({ uri: `https://host-${at}.test/${'x'.repeat(300)}` }))
    const explanation = explained(leafOf({ names }))
    expect(explanation.reason?.what).toMatch(/ and 12 more\.$/)
    expect(verifiers(explanation)).toContain('linkerd2-proxy')
    const nameless = explained([
      forge({ commonName: 'web', usages: ['digitalSignature'], by: intermediate }),
      intermediate,
    ])
    expect(codeOf(nameless)).toBe('SVID_NO_URI_NAME')
    expect(verifiers(nameless)).not.toContain('linkerd2-proxy')
  })

  test('goes on to what is wrong beside the first rule', () => {
    const old = { names: [{ uri: webId }, { uri: webId }], usages: ['keyEncipherment'] as readonly Usage[] }
    const explanation = explained(leafOf({ ...old, notBefore: hours(-9), notAfter: hours(-8) }))
    expect(explanation.more.map(({ code }) => code)).toEqual(['SVID_LEAF_NO_DIGITAL_SIGNATURE'])
    expect(rulesThat('unknown', explanation)).toEqual(['X509-5', 'X509-7', 'X509-28', 'X509-26'])
    const late = explained(leafOf({ usages: ['keyEncipherment'], notBefore: hours(-9), notAfter: hours(-8) }))
    expect(late.more.map(({ code }) => code)).toContain('CERT_EXPIRED')
  })

  test.each<[string, Case, string, string]>([
    ['none', { bundles: createTrustBundleSet() }, 'SVID_BUNDLE_MISSING', 'none, nor any other'],
    [
      'others',
      { bundles: bundles.without(trustDomain).with(createTrustBundle({ trustDomain: otherDomain })) },
      'SVID_BUNDLE_MISSING',
      'there are bundles of other.test',
    ],
    ['an empty one', { bundles: bundlesOf() }, 'SVID_BUNDLE_EMPTY', 'empty, which distrusts all of it'],
  ])('tells which bundles there are: %s (X509-28, X509-29)', (_, settings, code, found) => {
    const explanation = explained([web, intermediate], settings)
    expect(codeOf(explanation)).toBe(code)
    expect(explanation.rules.at(-2)).toMatchObject({ verdict: 'broken', found: expect.stringContaining(found) })
    expect(explanation.rules.at(-1)).toMatchObject({ verdict: 'unknown' })
    expect(explanation).toMatchObject({ trustAnchors: [], more: [] })
  })

  test('says that a pool of all roots would take a stranger', () => {
    const x509Authorities = [root.certificate]
    const foreign = createTrustBundleSet([createTrustBundle({ trustDomain: otherDomain, x509Authorities })])
    expect(verifiers(explained([web, intermediate], { bundles: foreign }))).toEqual(['Node.js tls and linkerd2-proxy'])
    const own = foreign.with(createTrustBundle({ trustDomain, x509Authorities: [authority('new').certificate] }))
    const explanation = explained([web, intermediate], { bundles: own })
    expect(codeOf(explanation)).toBe('SVID_UNKNOWN_AUTHORITY')
    expect(verifiers(explanation)).toEqual(['Node.js tls and linkerd2-proxy'])
    expect(verifiers(explained([web], { bundles: own }))).toEqual([])
  })

  test('has the words of the path for what is wrong with the path', () => {
    const rotated = bundlesOf(authority('root', { key: newKey() }))
    const { reason } = explained([web, intermediate], { bundles: rotated })
    expect(reason).toMatchObject({
      code: 'SVID_UNKNOWN_AUTHORITY',
      what: expect.stringContaining('is signed by CN=root, key id'),
    })
    expect(codeOf(explained([web, intermediate], { now: hours(48) }))).toBe('SVID_EXPIRED')
    const subtree = encodeSequence(encodeElement(0x86, new TextEncoder().encode('other.test')))
    const constraints = extension(oids.nameConstraints, encodeSequence(encodeElement(0xa0, subtree)), true)
    const strict = authority('intermediate', { by: root, extensions: [constraints] })
    const named = explained([workload(webId, strict), strict])
    expect(named.reason).toMatchObject({
      code: 'SVID_NAME_NOT_PERMITTED',
      fix: expect.stringContaining('permits that name'),
    })
    expect(rulesThat('broken', named)).toEqual(['X509-26'])
    expect(verifiers(explained(leafOf({ purposes: ['codeSigning'] })))).toContain('go-spiffe 2.9')
  })

  test('never throws for what a peer sent', () => {
    expect(codeOf(explained([]))).toBe('SVID_CHAIN_EMPTY')
    expect(codeOf(explained([Uint8Array.of(1), intermediate]))).toBe('SVID_CERTIFICATE_INVALID')
    expect(explained([Uint8Array.of(1), intermediate]).rules).toEqual([])
    expect(codeOf(explained(Array.from({ length: 11 }, () => web)))).toBe('SVID_CHAIN_TOO_LONG')
    expect(() => explained([web], { now: new Date(Number.NaN) })).toThrow(RangeError)
  })

  test('is frozen all the way down and the same as its JSON', () => {
    const explanation = explained(leafOf({ names: [{ uri: webId }, { uri: webId }], usages: ['keyEncipherment'] }))
    const check = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) check(inner)
    }
    check(explanation)
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
  })

  test('says what verifySvid says, for any leaf, bundle and instant', { timeout: 60_000 }, () => {
    const key = newKey()
    const oddNames: readonly AltName[] = [
      { uri: webId },
      { uri: 'spiffe://td.test' },
      { uri: 'https://x.test' },
      { dns: 'x' },
    ]
    const names = fc.subarray<AltName>([...oddNames], { minLength: 1 })
    const usages = fc.subarray<Usage>(['digitalSignature', 'keyEncipherment', 'keyCertSign', 'crlSign'], {
      minLength: 1,
    })
    const recipes = fc.record(
      {
        names: fc.oneof(
          { weight: 3, arbitrary: fc.constant<readonly AltName[]>([{ uri: webId }]) },
          { weight: 1, arbitrary: names },
        ),
        usages: fc.oneof(
          { weight: 3, arbitrary: fc.constant<readonly Usage[]>(['digitalSignature']) },
          { weight: 1, arbitrary: usages },
        ),
        ca: fc.constantFrom(false, false, false, true),
        namesCritical: fc.constantFrom(true, true, false),
        commonName: fc.constantFrom('web', 'db'),
        purposes: fc.constantFrom<Required<Recipe>['purposes']>(['serverAuth', 'clientAuth'], ['serverAuth']),
      },
      { requiredKeys: ['names'] },
    )
    const sets = [bundles, bundlesOf(), bundlesOf(authority('root', { key: newKey() })), createTrustBundleSet()]
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        recipes,
        fc.constantFrom(bundles, ...sets),
        fc.integer({ min: -2, max: 30 }),
        fc.boolean(),
        (recipe, known, hour, isSent) => {
          const leaf = workload(webId, intermediate, { ...recipe, key })
          const input = inputOf(isSent ? [leaf, intermediate] : [leaf], { bundles: known, now: hours(hour) })
          const explanation = explainSvid(input)
          expect(codeOf(explanation)).toBe(verdictOf(input))
          seen.add(codeOf(explanation))
        },
      ),
      { numRuns: 200 },
    )
    expect(seen.size).toBeGreaterThan(6)
  })
})
