import { encodeElement, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { KeysError, nobleVerifier, type Verifier } from '@meshid/keys'
import { explainSvid, verifySvid } from '@meshid/svid'
import { createDirectVerifier, MAX_DIRECT_CERTIFICATES, MAX_DIRECT_ITEMS } from '@meshid/svid/direct'
import { describe, expect, test } from 'vitest'
import { dersOf, type DirectTrust, directVerdict } from './direct-verdict.ts'
import {
  authority,
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
  refusalOf,
  root,
  trustDomain,
  verify,
  web,
  webId,
  workload,
} from './forge.ts'

/** Below the root, or below authorities of its own. */
interface Case {
  readonly links: readonly Link[]
  readonly authorities?: readonly Link[]
}

const leaf = (recipe: Recipe): Case => ({ links: [workload(webId, intermediate, recipe), intermediate] })
const issuer = (recipe: Recipe): Case => {
  const ca = authority('issuer', { by: root, ...recipe })
  return { links: [workload(webId, ca), ca] }
}
const anchor = (recipe: Recipe, ...others: readonly Link[]): Case => {
  const ca = authority('anchor', recipe)
  return { links: [workload(webId, ca)], authorities: [ca, ...others] }
}

const trustIn = ({ authorities = [root] }: Case, more: DirectTrust): DirectTrust => ({
  authorities: dersOf(authorities),
  ...more,
})
const isDecided = (judged: Case, more: DirectTrust = {}): boolean =>
  directVerdict(dersOf(judged.links), trustIn(judged, more)) !== undefined

/** Whether `verifySvid` accepts what is not decided directly. */
const isValid = ({ links, authorities = [root] }: Case): boolean => {
  try {
    return verify(links, { bundles: bundlesOf(...authorities) }).spiffeId.toString() === webId
  } catch {
    return false
  }
}

const nothing = (oid: string, critical = false): Uint8Array => extension(oid, encodeNull(), critical)
const { certificatePolicies, nameConstraints, policyConstraints } = oids
const constraint = (oid: string, tag: number, value: Uint8Array): Uint8Array =>
  extension(oid, encodeSequence(encodeElement(tag, value)))
const noHostX = constraint(nameConstraints, 0xa1, encodeSequence(encodeElement(0x86, Uint8Array.of(0x78))))

describe('a plain chain is decided', () => {
  test('with the ID, the key and the earliest end of the path (X509-1, X509-5, X509-26)', () => {
    const svid = directVerdict(dersOf([web, intermediate]))
    expect(svid?.spiffeId.toString()).toBe(webId)
    expect(svid?.trustDomain.name).toBe('td.test')
    expect(svid?.publicKey.spki).toEqual(web.key.key.spki)
    expect(svid?.notAfter).toEqual(hours(24))
    expect(Object.isFrozen(svid)).toBe(true)
    const { links } = issuer({ notAfter: hours(2) })
    expect(directVerdict(dersOf(links))?.notAfter).toEqual(hours(2))
  })

  test.each<[string, Case]>([
    ['a leaf of an authority', { links: [workload(webId, root)] }],
    ['an authority that is sent along', { links: [web, intermediate, root] }],
    ['an authority that is sent behind its leaf', { links: [workload(webId, root), root] }],
    ['names of hosts (X509-4)', leaf({ names: [{ dns: 'a-1.b' }, { dns: '*.Web_1.td.test' }, { uri: webId }] })],
    ['a subject, and names that are not critical (X509-8)', leaf({ commonName: 'web', namesCritical: false })],
    [
      'more purposes, critical (X509-21)',
      leaf({ purposes: ['codeSigning', 'clientAuth', 'serverAuth'], purposesCritical: true }),
    ],
    [
      'keyEncipherment and keyAgreement (X509-20)',
      leaf({ usages: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] }),
    ],
    ['an unknown extension (X509-26)', leaf({ extensions: [nothing('1.2.3.4')] })],
    ['certificate policies', leaf({ extensions: [nothing(certificatePolicies)] })],
    ['a CA with an ID, whatever it is (X509-9, X509-10)', issuer({ names: [{ uri: 'spiffe://td.test/' }] })],
    ['a CA with both purposes (X509-22)', issuer({ purposes: ['serverAuth', 'clientAuth'] })],
    ['a CA with room for itself (X509-16)', issuer({ pathLength: 0 })],
    ['a CA of P-384', issuer({ key: newKey('P-384') })],
    ['a leaf of Ed25519', leaf({ key: newKey('Ed25519') })],
    ['an authority of Ed25519', anchor({ key: newKey('Ed25519') })],
    ['one of two authorities', anchor({}, root)],
    ['an authority that is there twice (X509-47)', anchor({}, root, root)],
    ['one of two roots of one name, by key identifier', anchor({}, authority('anchor'))],
  ])('%s', (_, judged) => {
    expect(isDecided(judged)).toBe(true)
  })

  test('a leaf without extended key usage and without basic constraints (X509-15, X509-21)', () => {
    const bare = forge({ names: [{ uri: webId }], usages: ['digitalSignature'], by: intermediate })
    expect(isDecided({ links: [bare, intermediate] })).toBe(true)
  })

  test('an authority without key usage, as of openssl req -x509', () => {
    const bare = forge({ commonName: 'openssl', ca: true, notAfter: hours(48) })
    expect(isDecided({ links: [workload(webId, bare)], authorities: [bare] })).toBe(true)
    const below = forge({ commonName: 'below', ca: true, by: root })
    expect(isDecided({ links: [workload(webId, below), below] })).toBe(false)
  })

  test('CAs one below the other, up to the limit', () => {
    const cas = [root]
    for (let depth = 1; depth <= MAX_DIRECT_CERTIFICATES; depth++) {
      const [by = root] = cas
      cas.unshift(authority(`ca ${depth}`, { by }))
      const [lowest = root, ...upper] = cas
      const links = [workload(webId, lowest), lowest, ...upper.slice(0, -1)]
      expect(isDecided({ links })).toBe(depth < MAX_DIRECT_CERTIFICATES)
    }
  })

  test.each([-1, 0, 3600, 3601])(
    'exactly from notBefore to the end of notAfter: %i s (X509-32, X509-36)',
    (seconds) => {
      const time = { notBefore: hours(0), notAfter: hours(1) }
      const [ca, top] = [authority('short', { by: root, ...time }), authority('top', time)]
      const at = { now: new Date(now.getTime() + seconds * 1000) }
      const isWithin = seconds >= 0 && seconds <= 3600
      expect(isDecided(leaf(time), at)).toBe(isWithin)
      expect(isDecided({ links: [workload(webId, ca), ca] }, at)).toBe(isWithin)
      expect(isDecided({ links: [workload(webId, top)], authorities: [top] }, at)).toBe(isWithin)
    },
  )
})

describe('nothing is decided, and verifySvid refuses it too', () => {
  test.each<[string, Case]>([
    ['no URI name (X509-3)', leaf({ names: [{ dns: 'web.shop.svc' }] })],
    ['two IDs (X509-2)', leaf({ names: [{ uri: webId }, { uri: webId }] })],
    ['an ID and another URI (X509-2)', leaf({ names: [{ uri: webId }, { uri: 'https://td.test/' }] })],
    ['a URI that is no ID (X509-5)', leaf({ names: [{ uri: `${webId}#` }] })],
    ['an ID in upper case (X509-5)', leaf({ names: [{ uri: webId.toUpperCase() }] })],
    ['an ID without a path (X509-7)', leaf({ names: [{ uri: 'spiffe://td.test' }] })],
    ['an ID of another trust domain (X509-28, ID-30)', leaf({ names: [{ uri: 'spiffe://other.test/web' }] })],
    ['no subject, and names that are not critical (X509-8)', leaf({ namesCritical: false })],
    ['a leaf that is a CA (X509-15)', leaf({ ca: true })],
    ['no key usage (X509-17)', { links: [forge({ names: [{ uri: webId }], by: intermediate }), intermediate] }],
    ['no digitalSignature (X509-18)', leaf({ usages: ['keyEncipherment'] })],
    ['keyCertSign on a leaf (X509-18)', leaf({ usages: ['digitalSignature', 'keyCertSign'] })],
    ['cRLSign on a leaf (X509-18)', leaf({ usages: ['digitalSignature', 'crlSign'] })],
    ['purposes of neither side (X509-21)', leaf({ purposes: ['codeSigning'] })],
    ['an unknown critical extension (X509-26)', leaf({ extensions: [nothing('1.2.3.4', true)] })],
    ['an unknown critical extension of a CA (X509-26)', issuer({ extensions: [nothing('2.5.29.99', true)] })],
    [
      'an issuer alternative name that is critical (X509-26)',
      leaf({ extensions: [nothing(oids.issuerAltName, true)] }),
    ],
    ['an issuer that is no CA (X509-14)', issuer({ ca: false })],
    ['an issuer without keyCertSign (X509-19)', issuer({ usages: ['crlSign'] })],
    ['a CA of other purposes (X509-22)', issuer({ purposes: ['codeSigning'] })],
    [
      'a CA that demands a policy (X509-26)',
      issuer({ extensions: [constraint(policyConstraints, 0x80, Uint8Array.of(0))] }),
    ],
    ['an authority that is no CA (X509-33)', anchor({ ca: false })],
    ['an authority that may not sign (X509-33)', anchor({ usages: ['crlSign'] })],
    ['a chain of nothing (X509-30)', { links: [] }],
    ['an authority alone', { links: [root] }],
    ['no authority (BUNDLE-12)', { links: [web, intermediate], authorities: [] }],
    ['a missing intermediate (X509-26)', { links: [web] }],
    ['another authority (X509-26)', { links: [web, intermediate], authorities: [authority('other')] }],
    ['another authority of the name (X509-26)', { links: [web, intermediate], authorities: [authority('root')] }],
    ['another issuer of the name (X509-26)', { links: [web, authority('intermediate', { by: root })] }],
  ])('%s', (_, judged) => {
    expect(isDecided(judged)).toBe(false)
    expect(isValid(judged)).toBe(false)
  })
})

describe('nothing is decided, though verifySvid accepts it', () => {
  const constrained = authority('constrained', { extensions: [noHostX] })

  test.each<[string, Case]>([
    ['key usage that is not critical (X509-17)', leaf({ usagesCritical: false })],
    ['one side of TLS only (X509-21)', leaf({ purposes: ['clientAuth'] })],
    ['a mailbox beside the ID (X509-4)', leaf({ names: [{ email: 'web@td.test' }, { uri: webId }] })],
    ['a host name that is none', leaf({ names: [{ dns: 'a..b' }, { uri: webId }] })],
    ['a host name with a final period', leaf({ names: [{ dns: 'a.b.' }, { uri: webId }] })],
    ['a label of 64', leaf({ names: [{ dns: 'a'.repeat(64) }, { uri: webId }] })],
    ['a host name of 254', leaf({ names: [{ dns: 'a.'.repeat(126) + 'bc' }, { uri: webId }] })],
    [
      'more names than any mesh gives',
      leaf({ names: [{ uri: webId }, ...Array.from({ length: MAX_DIRECT_ITEMS }, () => ({ dns: 'a' }))] }),
    ],
    ['name constraints (X509-23)', issuer({ extensions: [noHostX] })],
    [
      'an authority with name constraints (X509-23)',
      { links: [workload(webId, constrained)], authorities: [constrained] },
    ],
    ['another authority with name constraints', { links: [web, intermediate], authorities: [root, constrained] }],
    [
      'the inhibition of policy mappings',
      issuer({ extensions: [constraint(policyConstraints, 0x81, Uint8Array.of(0))] }),
    ],
    [
      'critical certificate policies',
      leaf({ extensions: [extension(certificatePolicies, encodeSequence(encodeSequence(encodeOid('1.2.3'))), true)] }),
    ],
    ['a stranger in the pool (X509-30)', { links: [web, intermediate, authority('stranger')] }],
    ['the same intermediate twice (X509-30)', { links: [web, intermediate, intermediate] }],
    ['a leaf with the name of its issuer', leaf({ commonName: 'intermediate' })],
  ])('%s', (_, judged) => {
    expect(isDecided(judged)).toBe(false)
    expect(isValid(judged)).toBe(true)
  })

  test('intermediates in another order (X509-30)', () => {
    const upper = authority('upper', { by: root })
    const lower = authority('lower', { by: upper })
    const first = workload(webId, lower)
    expect(isDecided({ links: [first, lower, upper] })).toBe(true)
    expect(isDecided({ links: [first, upper, lower] })).toBe(false)
    expect(isValid({ links: [first, upper, lower] })).toBe(true)
  })

  test('a cross-signed issuer: there is more than one path', () => {
    const other = authority('other')
    const crossed = authority('root', { by: other, key: root.key })
    const judged = { links: [web, intermediate, crossed], authorities: [other, root] }
    expect(isDecided(judged)).toBe(false)
    expect(isValid(judged)).toBe(true)
    expect(isDecided({ ...judged, authorities: [other] })).toBe(true)
  })

  test('two roots of one name and one key, as when a root is prolonged', () => {
    const prolonged = authority('root', { key: root.key, notAfter: hours(480) })
    const judged = { links: [web, intermediate], authorities: [root, prolonged] }
    expect(isDecided(judged)).toBe(false)
    expect(isValid(judged)).toBe(true)
  })
})

describe('a direct verifier', () => {
  const authorities = dersOf([root])
  const chain = dersOf([web, intermediate])

  test('verifies each signature of the path (X509-26)', () => {
    for (const { certificate } of [web, intermediate]) {
      const refusing: Verifier = {
        verify: (...[, , , signature]) => signature.at(-1) !== certificate.signature.at(-1),
      }
      expect(directVerdict(chain, { verifier: refusing })).toBeUndefined()
    }
  })

  test('takes a refusal of the key for no decision, and lets faults through', () => {
    const verifierOf = (error: Error): Verifier => ({
      verify() {
        throw error
      },
    })
    const refusal = new KeysError('KEYS_UNSUPPORTED_ALGORITHM', 'no RSA here')
    expect(directVerdict(chain, { verifier: verifierOf(refusal) })).toBeUndefined()
    expect(() => directVerdict(chain, { verifier: verifierOf(new Error('out of order')) })).toThrow('out of order')
  })

  test('asks the verifier for the key of the leaf, as verifySvid does', () => {
    const verifier: Verifier = {
      verify: () => true,
      checkPublicKey({ spki }) {
        expect(spki).toEqual(web.key.key.spki)
        throw new KeysError('KEYS_POINT_INVALID', 'no point', { detail: { expected: 'one', found: 'none' } })
      },
    }
    expect(directVerdict(chain, { verifier })).toBeUndefined()
    const bundles = bundlesOf(root)
    const refusal = refusalOf(() => verifySvid({ chain, bundles, now, purpose: 'client' }, { verifier }))
    expect(refusal).toMatchObject({ code: 'SVID_PUBLIC_KEY_INVALID', message: 'svid: no point' })
    const explained = explainSvid({ chain, bundles, now, purpose: 'client' }, { verifier })
    expect(explained.reason).toMatchObject({
      code: 'SVID_PUBLIC_KEY_INVALID',
      what: 'The public key of the leaf: expected one, found none.',
    })
  })

  test('says whether it can decide anything', () => {
    const isUsable = (...ders: readonly Uint8Array[]): boolean =>
      createDirectVerifier({ trustDomain, authorities: ders, verifier: nobleVerifier }).isUsable
    expect(isUsable(...authorities)).toBe(true)
    expect(isUsable()).toBe(false)
    expect(isUsable(...authorities, new Uint8Array(3))).toBe(false)
    expect(isUsable(...authorities, web.certificate.der)).toBe(false)
  })

  test('keeps its own copy of the authorities, and of the key that it found', () => {
    const given = [...dersOf([root])].map((der) => der.slice())
    const direct = createDirectVerifier({ trustDomain, authorities: given, verifier: nobleVerifier })
    for (const der of given) der.fill(0)
    const shown = chain.map((der) => der.slice())
    const svid = direct.verify(shown, now)
    for (const der of shown) der.fill(0)
    expect(svid?.publicKey.spki).toEqual(web.key.key.spki)
  })

  test('asks for the authorities of the trust domain of the ID, and of no other (X509-28)', () => {
    expect(directVerdict(chain, { trustDomain: otherDomain })).toBeUndefined()
  })

  test('tells the caller of mistakes', () => {
    const direct = createDirectVerifier({ trustDomain, authorities, verifier: nobleVerifier })
    expect(() => direct.verify(chain, new Date(Number.NaN))).toThrow(RangeError)
    // @ts-expect-error PEM is no DER
    expect(() => direct.verify(['-----BEGIN CERTIFICATE-----'], now)).toThrow(TypeError)
    // @ts-expect-error a name is no TrustDomain
    expect(() => createDirectVerifier({ trustDomain: 'td.test', authorities, verifier: nobleVerifier })).toThrow(
      TypeError,
    )
  })
})
