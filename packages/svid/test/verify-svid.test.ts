import { createPathTrace, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES } from '@meshid/certificate'
import { encodeBoolean, encodeElement, encodeSequence, oids } from '@meshid/der'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import { type SvidChain, type SvidPurpose, verifySvid } from '@meshid/svid'
import { createTrustBundle, createTrustBundleSet, parseTrustBundle } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import {
  authority,
  bundles,
  bundlesOf,
  codeOf,
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
  verifyLeaf,
  web,
  webId,
  workload,
} from './forge.ts'

/** What a careful reader would want to see of every refusal. */
function expectRefusal(operation: () => unknown, code: string, certificate?: string): void {
  const error = refusalOf(operation)
  expect(error.code).toBe(code)
  expect(error.detail['certificate']).toBe(certificate)
  expect(Object.isFrozen(error.detail)).toBe(true)
}

const nameConstraints = (host: string): Uint8Array => {
  const subtree = encodeSequence(encodeElement(0x86, new TextEncoder().encode(host)))
  return extension(oids.nameConstraints, encodeSequence(encodeElement(0xa0, subtree)), true)
}

describe('the identity of a leaf', () => {
  test('is its one URI name (X509-1), whatever other names stand beside it (X509-4)', () => {
    const svid = verifyLeaf({ names: [{ dns: 'web.shop' }, { email: 'web@td.test' }, { uri: webId }, { dns: 'x' }] })
    expect(svid.spiffeId.toString()).toBe(webId)
    expect(svid.trustDomain.name).toBe('td.test')
  })

  test.each<[string, readonly string[]]>([
    ['two IDs', [webId, 'spiffe://td.test/ns/shop/sa/db']],
    ['the same ID twice', [webId, webId]],
    ['an ID and a page', [webId, 'https://td.test/']],
    ['a page and an ID', ['https://td.test/', webId]],
  ])('is refused with %s (X509-2, X509-27)', (_, uris) => {
    expectRefusal(
      () => verifyLeaf({ names: uris.map((uri) => ({ uri })) }),
      'SVID_MULTIPLE_URI_NAMES',
      'CERT_MULTIPLE_URI_NAMES',
    )
  })

  test.each<[string, Recipe]>([
    ['only a DNS name', { names: [{ dns: 'web.shop.svc' }] }],
    ['an ID as common name', { commonName: webId, names: [{ dns: 'web.shop.svc' }] }],
    ['an ID as e-mail address', { names: [{ email: webId }] }],
  ])('is refused with %s (X509-3)', (_, recipe) => {
    expectRefusal(() => verifyLeaf(recipe), 'SVID_NO_URI_NAME', 'CERT_NO_SPIFFE_ID')
  })

  test.each([
    'SPIFFE://td.test/ns/shop/sa/web',
    'spiffe://td.test/ns/shop/sa/web#',
    'spiffe://td.test/ns/shop/sa/web?',
    'spiffe://td.test/ns/shop/sa/../sa/web',
    'spiffe://td.test/ns/shop/sa/w%65b',
    'https://td.test/ns/shop/sa/web',
  ])('is judged by its octets, so %s is none (X509-5, X509-27)', (uri) => {
    const error = refusalOf(() => verifyLeaf({ names: [{ uri }] }))
    expect(error).toMatchObject({ code: 'SVID_ID_INVALID', detail: { certificate: 'CERT_SPIFFE_ID_INVALID' } })
    expect(error.detail['spiffeId']).toEqual(expect.stringMatching(/^SPIFFE_ID_/))
  })

  test('is refused without a path, at verification and not only when it is loaded (X509-7, X509-27)', () => {
    expectRefusal(
      () => verifyLeaf({ names: [{ uri: 'spiffe://td.test' }] }),
      'SVID_ID_WITHOUT_PATH',
      'CERT_SPIFFE_ID_WITHOUT_PATH',
    )
  })

  test('needs a critical name when the subject is empty (X509-8), and only then', () => {
    expectRefusal(
      () => verifyLeaf({ namesCritical: false }),
      'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL',
      'CERT_SUBJECT_ALT_NAME_NOT_CRITICAL',
    )
    expect(verifyLeaf({ namesCritical: false, commonName: 'web' }).spiffeId.toString()).toBe(webId)
  })
})

describe('what a leaf may do', () => {
  test.each<[string, Recipe]>([
    ['a CA', { ca: true }],
    ['a CA with every usage of a leaf', { ca: true, usages: ['digitalSignature', 'keyCertSign'] }],
  ])('%s may not authenticate (X509-6, X509-13, X509-15, X509-27)', (_, recipe) => {
    expectRefusal(() => verifyLeaf(recipe), 'SVID_LEAF_IS_CA', 'CERT_LEAF_IS_CA')
  })

  test('a signing certificate may not authenticate with the ID of its trust domain (X509-13)', () => {
    const ca = authority('ca', { by: root, names: [{ uri: 'spiffe://td.test' }], namesCritical: false })
    expect(codeOf(() => verify([ca]))).toBe('SVID_ID_WITHOUT_PATH')
  })

  test('no basic constraints are those of a leaf (X509-15)', () => {
    const leaf = forge({ names: [{ uri: webId }], usages: ['digitalSignature'], by: intermediate })
    expect(verify([leaf, intermediate]).spiffeId.toString()).toBe(webId)
  })

  test('no key usage is not enough (X509-17); one that is not critical is', () => {
    const leaf = forge({ names: [{ uri: webId }], ca: false, by: intermediate })
    expectRefusal(
      () => verify([leaf, intermediate]),
      'SVID_LEAF_NO_DIGITAL_SIGNATURE',
      'CERT_LEAF_NO_DIGITAL_SIGNATURE',
    )
    expect(verifyLeaf({ usagesCritical: false }).spiffeId.toString()).toBe(webId)
  })

  test.each<[string, Recipe, string, string]>([
    [
      'no digitalSignature',
      { usages: ['keyEncipherment'] },
      'SVID_LEAF_NO_DIGITAL_SIGNATURE',
      'CERT_LEAF_NO_DIGITAL_SIGNATURE',
    ],
    ['keyCertSign', { usages: ['digitalSignature', 'keyCertSign'] }, 'SVID_LEAF_CAN_SIGN', 'CERT_LEAF_CAN_SIGN'],
    ['cRLSign', { usages: ['digitalSignature', 'crlSign'] }, 'SVID_LEAF_CAN_SIGN', 'CERT_LEAF_CAN_SIGN'],
  ])('%s is refused (X509-18, X509-27)', (_, recipe, code, certificate) => {
    expectRefusal(() => verifyLeaf(recipe), code, certificate)
  })

  test('keyEncipherment and keyAgreement are welcome (X509-20)', () => {
    const svid = verifyLeaf({ usages: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] })
    expect(svid.spiffeId.toString()).toBe(webId)
  })

  test('the extended key usage must allow the side, critical or not; none allows both (X509-21)', () => {
    for (const purpose of ['client', 'server'] as const) {
      expect(verifyLeaf({ purposesCritical: true }, { purpose }).purpose).toBe(purpose)
      const leaf = forge({ names: [{ uri: webId }], ca: false, usages: ['digitalSignature'], by: intermediate })
      expect(verify([leaf, intermediate], { purpose }).purpose).toBe(purpose)
    }
    expect(verifyLeaf({ purposes: ['clientAuth'] }, { purpose: 'client' }).purpose).toBe('client')
    expectRefusal(
      () => verifyLeaf({ purposes: ['clientAuth'] }, { purpose: 'server' }),
      'SVID_EXTENDED_KEY_USAGE_MISMATCH',
      'CERT_EXTENDED_KEY_USAGE_MISMATCH',
    )
    expect(codeOf(() => verifyLeaf({ purposes: ['codeSigning'] }))).toBe('SVID_EXTENDED_KEY_USAGE_MISMATCH')
  })
})

describe('signing certificates', () => {
  /** A leaf below a CA that a recipe makes, below the root. */
  const below = (recipe: Recipe): (() => unknown) => {
    const ca = authority('ca', { by: root, ...recipe })
    return () => verify([workload(webId, ca), ca])
  }

  test.each<[string, Recipe]>([
    ['no ID at all (X509-9)', {}],
    ['the ID of the trust domain (X509-9)', { names: [{ uri: 'spiffe://td.test' }] }],
    ['an ID with a path (X509-10)', { names: [{ uri: 'spiffe://td.test/ca' }] }],
    ['the ID spiffe://td.test/, which is none (X509-10)', { names: [{ uri: 'spiffe://td.test/' }] }],
    ['the ID of another trust domain (X509-11)', { names: [{ uri: 'spiffe://other.test' }] }],
  ])('count with %s', (_, recipe) => {
    expect(below(recipe)).not.toThrow()
  })

  test('count as anchors with an ID that is none (X509-10)', () => {
    const odd = authority('odd', { names: [{ uri: 'spiffe://td.test/' }], namesCritical: false })
    expect(verify([workload(webId, odd)], { bundles: bundlesOf(odd) }).anchor).toBe(odd.certificate)
  })

  test('may sign further ones, as deep as their path lengths allow (X509-12, X509-16)', () => {
    const one = authority('one', { by: root, pathLength: 1 })
    const two = authority('two', { by: one, pathLength: 0 })
    const three = authority('three', { by: two })
    expect(verify([workload(webId, two), two, one]).path).toHaveLength(4)
    expectRefusal(
      () => verify([workload(webId, three), three, two, one]),
      'SVID_PATH_INVALID',
      'CERT_PATH_LENGTH_EXCEEDED',
    )
  })

  test('need CA:TRUE and keyCertSign, both (X509-14, X509-15, X509-19)', () => {
    expect(codeOf(below({ ca: false }))).toBe('SVID_ISSUER_NOT_A_CA')
    expect(codeOf(below({ usages: ['crlSign', 'digitalSignature'] }))).toBe('SVID_ISSUER_CANNOT_SIGN')
    expect(below({ usages: ['keyCertSign'] })).not.toThrow()
  })

  test('may narrow the purposes below them (X509-22)', () => {
    expect(codeOf(below({ purposes: ['serverAuth'] }))).toBe('SVID_EXTENDED_KEY_USAGE_MISMATCH')
    expect(below({ purposes: ['serverAuth', 'clientAuth'] })).not.toThrow()
  })

  test.each([
    ['td.test', 'permits'],
    ['TD.test', 'permits'],
    ['.test', 'permits'],
    ['.td.test', 'refuses'],
    ['test', 'refuses'],
    ['other.test', 'refuses'],
  ])('with the URI constraint %s %s the IDs of td.test (X509-23, X509-24)', (host, verdict) => {
    const operation = below({ extensions: [nameConstraints(host)] })
    if (verdict === 'permits') expect(operation).not.toThrow()
    else expectRefusal(operation, 'SVID_NAME_NOT_PERMITTED', 'CERT_NAME_NOT_PERMITTED')
  })

  test('may exclude DNS names, which are names of a leaf though no identity (X509-25)', () => {
    const dns = encodeSequence(encodeElement(0x82, new TextEncoder().encode('evil.test')))
    const excluded = extension(oids.nameConstraints, encodeSequence(encodeElement(0xa1, dns)), true)
    const ca = authority('ca', { by: root, extensions: [excluded] })
    const judge = (name: string) => () => verify([workload(webId, ca, { names: [{ uri: webId }, { dns: name }] }), ca])
    expect(judge('web.shop.test')).not.toThrow()
    expectRefusal(judge('a.evil.test'), 'SVID_NAME_NOT_PERMITTED', 'CERT_NAME_EXCLUDED')
  })
})

describe('the path', () => {
  test('goes from the leaf to an authority of the bundle, and lasts as long as all of it (X509-26)', () => {
    const svid = verify([web, intermediate])
    expect(svid.path).toEqual([web.certificate, intermediate.certificate, root.certificate])
    expect(svid).toMatchObject({ leaf: web.certificate, anchor: root.certificate, purpose: 'client' })
    expect(svid.notAfter).toEqual(web.certificate.notAfter)
    expect(svid.verifiedAt).toEqual(now)
    const short = authority('short', { by: root, notAfter: hours(2) })
    expect(verify([workload(webId, short), short]).notAfter).toEqual(hours(2))
  })

  test.each<[string, () => unknown, string]>([
    ['an expired leaf', () => verifyLeaf({ notAfter: hours(-0.5) }), 'SVID_EXPIRED'],
    ['a leaf of tomorrow', () => verifyLeaf({ notBefore: hours(1) }), 'SVID_NOT_YET_VALID'],
    ['an expired issuer', () => verify([web, intermediate], { now: hours(23.9) }), 'valid'],
    ['a leaf and an issuer that both expired', () => verify([web, intermediate], { now: hours(1000) }), 'SVID_EXPIRED'],
  ])('%s (X509-26, X509-36)', (_, operation, code) => {
    if (code === 'valid') expect(operation).not.toThrow()
    else expect(codeOf(operation)).toBe(code)
  })

  test('an issuer and an authority have codes of their own for their dates (X509-26, X509-32)', () => {
    const old = authority('old', { by: root, notAfter: hours(-0.5) })
    expect(codeOf(() => verify([workload(webId, old), old]))).toBe('SVID_ISSUER_EXPIRED')
    const early = authority('early', { by: root, notBefore: hours(1) })
    expect(codeOf(() => verify([workload(webId, early), early]))).toBe('SVID_ISSUER_NOT_YET_VALID')
    const gone = authority('gone', { notAfter: hours(-0.5) })
    expect(codeOf(() => verify([workload(webId, gone)], { bundles: bundlesOf(gone) }))).toBe('SVID_AUTHORITY_EXPIRED')
    const soon = authority('soon', { notBefore: hours(1) })
    expect(codeOf(() => verify([workload(webId, soon)], { bundles: bundlesOf(soon) }))).toBe(
      'SVID_AUTHORITY_NOT_YET_VALID',
    )
  })

  test('both ends of a validity count, without leeway (X509-36)', () => {
    const { notBefore, notAfter } = web.certificate
    expect(() => verify([web, intermediate], { now: notBefore })).not.toThrow()
    expect(() => verify([web, intermediate], { now: notAfter })).not.toThrow()
    const early = new Date(notBefore.getTime() - 1)
    expect(codeOf(() => verify([web, intermediate], { now: early }))).toMatch(/NOT_YET_VALID$/)
    expect(codeOf(() => verify([web, intermediate], { now: new Date(notAfter.getTime() + 1000) }))).toBe('SVID_EXPIRED')
  })

  test("a signature that is not the issuer's, an unknown critical extension (X509-26)", () => {
    const broken = web.certificate.der.slice()
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    const chain = [broken, intermediate.certificate]
    const operation = () => verifySvid({ chain, bundles, now, purpose: 'client' }, { verifier: nobleVerifier })
    expectRefusal(operation, 'SVID_SIGNATURE_INVALID', 'CERT_SIGNATURE_INVALID')
    const impostor: Link = { certificate: intermediate.certificate, key: newKey() }
    expectRefusal(
      () => verify([workload(webId, impostor), intermediate]),
      'SVID_UNKNOWN_AUTHORITY',
      'CERT_UNKNOWN_ISSUER',
    )
    const unknown = extension('1.3.6.1.4.1.55555.1', encodeBoolean(true), true)
    expectRefusal(() => verifyLeaf({ extensions: [unknown] }), 'SVID_PATH_INVALID', 'CERT_UNKNOWN_CRITICAL_EXTENSION')
  })
})

describe('the bundle', () => {
  const foreignRoot = authority('foreign root')
  const foreign = workload('spiffe://other.test/ns/shop/sa/web', foreignRoot)
  const bundle = createTrustBundle({ trustDomain, x509Authorities: [root.certificate] })
  const foreignBundle = createTrustBundle({ trustDomain: otherDomain, x509Authorities: [foreignRoot.certificate] })
  const both = createTrustBundleSet([bundle, foreignBundle])

  test("is that of the leaf's own trust domain (X509-28, BUNDLE-2)", () => {
    expect(verify([web, intermediate], { bundles: both }).anchor).toBe(root.certificate)
    expect(verify([foreign], { bundles: both }).anchor).toBe(foreignRoot.certificate)
  })

  test('of another trust domain proves nothing, even with a shared pool of intermediates (X509-28, ID-30)', () => {
    const forged = workload('spiffe://other.test/ns/shop/sa/web', intermediate)
    const chain = [forged, intermediate, root, foreignRoot]
    expect(codeOf(() => verify(chain, { bundles: both }))).toBe('SVID_UNKNOWN_AUTHORITY')
    const reverse = workload(webId, foreignRoot)
    expect(codeOf(() => verify([reverse, foreignRoot, intermediate, root], { bundles: both }))).toBe(
      'SVID_UNKNOWN_AUTHORITY',
    )
  })

  test('is found before any path is built: a stranger is a stranger, however bad its path (X509-28)', () => {
    const stranger = workload('spiffe://stranger.test/web', intermediate, { notAfter: hours(-0.5) })
    expect(codeOf(() => verify([stranger, intermediate]))).toBe('SVID_BUNDLE_MISSING')
  })

  test('that is missing, empty or without X.509 has a code for each (X509-29, X509-45)', () => {
    const missing = refusalOf(() => verify([foreign]))
    expect(missing).toMatchObject({ code: 'SVID_BUNDLE_MISSING', detail: { expected: 'other.test' } })
    const empty = createTrustBundleSet([createTrustBundle({ trustDomain })])
    expect(codeOf(() => verify([web, intermediate], { bundles: empty }))).toBe('SVID_BUNDLE_EMPTY')
    const { raw } = root.certificate.publicKey
    const octets = (part: Uint8Array) =>
      btoa(String.fromCharCode(...part))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '')
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: octets(raw.slice(1, 33)),
      y: octets(raw.slice(33)),
      use: 'jwt-svid',
      kid: 'k',
    }
    const jwt = createTrustBundleSet([parseTrustBundle(JSON.stringify({ keys: [jwk] }), { trustDomain })])
    expect(codeOf(() => verify([web, intermediate], { bundles: jwt }))).toBe('SVID_BUNDLE_WITHOUT_X509')
  })

  test('that became empty distrusts at once, and does not fall back (BUNDLE-12)', () => {
    const before = createTrustBundleSet([bundle])
    const after = before.with(parseTrustBundle('{"keys":[]}', { trustDomain }))
    expect(verify([web, intermediate], { bundles: before }).spiffeId.toString()).toBe(webId)
    expect(codeOf(() => verify([web, intermediate], { bundles: after }))).toBe('SVID_BUNDLE_EMPTY')
  })

  test('without the old root refuses who is still on it; without the trust domain, everybody of it', () => {
    const next = authority('next root')
    expect(codeOf(() => verify([web, intermediate], { bundles: bundlesOf(next) }))).toBe('SVID_UNKNOWN_AUTHORITY')
    expect(verify([web, intermediate], { bundles: bundlesOf(next, root) }).anchor).toBe(root.certificate)
    expect(codeOf(() => verify([web, intermediate], { bundles: both.without(trustDomain) }))).toBe(
      'SVID_BUNDLE_MISSING',
    )
  })

  test('may list an intermediate, which ends the path (X509-31)', () => {
    const svid = verify([web, intermediate], { bundles: bundlesOf(intermediate) })
    expect(svid.path).toEqual([web.certificate, intermediate.certificate])
  })

  test('cannot hold a leaf, so a leaf that signed itself leads nowhere (X509-33)', () => {
    const self = forge({ commonName: 'self', names: [{ uri: webId }], ca: false, usages: ['digitalSignature'] })
    expect(codeOf(() => verify([self]))).toBe('SVID_UNKNOWN_AUTHORITY')
  })
})

describe('what a peer sent', () => {
  const der = ({ certificate }: Link): Uint8Array => certificate.der
  const judge = (chain: SvidChain, purpose: SvidPurpose = 'client') =>
    verifySvid({ chain, bundles, now, purpose }, { verifier: nobleVerifier })

  test('is read from DER or taken as parsed', () => {
    expect(judge([der(web), der(intermediate)]).spiffeId.toString()).toBe(webId)
    expect(judge([web.certificate, der(intermediate)], 'server').spiffeId.toString()).toBe(webId)
  })

  test('is a leaf and a pool in any order: roots and strangers in it are harmless and no anchors (X509-30)', () => {
    const stranger = authority('stranger')
    expect(verify([web, stranger, root, intermediate]).anchor).toBe(root.certificate)
    const forged = workload(webId, stranger)
    expect(codeOf(() => verify([forged, stranger, root, intermediate]))).toBe('SVID_UNKNOWN_AUTHORITY')
  })

  test('is limited before anything is parsed (X509-30)', () => {
    const many = Array.from({ length: MAX_CHAIN_CERTIFICATES + 1 }, () => Uint8Array.of(0))
    expect(refusalOf(() => judge(many))).toMatchObject({
      code: 'SVID_CHAIN_TOO_LONG',
      detail: { limit: MAX_CHAIN_CERTIFICATES },
    })
    expect(codeOf(() => judge([new Uint8Array(MAX_CHAIN_BYTES + 1)]))).toBe('SVID_CHAIN_TOO_LONG')
    expect(codeOf(() => judge([]))).toBe('SVID_CHAIN_EMPTY')
  })

  test('has nothing after the end of any certificate (X509-35)', () => {
    const trailing = (link: Link) => Uint8Array.of(...der(link), 0)
    expect(refusalOf(() => judge([trailing(web), der(intermediate)]))).toMatchObject({
      code: 'SVID_CERTIFICATE_INVALID',
      detail: { index: 0, certificate: 'CERT_DER_INVALID' },
    })
    expect(refusalOf(() => judge([der(web), trailing(intermediate)])).detail).toMatchObject({ index: 1 })
  })

  test('is judged by the verifier that is given, and whoever explains is told of each path', () => {
    const told: string[] = []
    let checked = 0
    const verifier: Verifier = {
      verify: () => {
        checked += 1
        return true
      },
    }
    const chain = [web.certificate, intermediate.certificate]
    verifySvid(
      { chain, bundles, now, purpose: 'client' },
      { verifier, trace: createPathTrace(({ type }) => told.push(type)) },
    )
    expect(checked).toBe(2)
    expect(told).toContain('found')
  })

  test('is not judged at an instant that is none, nor with what was not parsed', () => {
    expect(() => verify([web, intermediate], { now: new Date(Number.NaN) })).toThrow(RangeError)
    const forged = Object.fromEntries(Object.entries(web.certificate))
    // @ts-expect-error a record is not a certificate
    expect(() => verifySvid({ chain: [forged], bundles, now, purpose: 'client' })).toThrow()
  })
})
