import { MAX_BUNDLE_KEYS, MAX_DOCUMENT_BYTES, MAX_JSON_DEPTH, parseTrustBundle } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import {
  base64,
  codeOf,
  createAuthority,
  createLeaf,
  crossSign,
  jwtJwk,
  read,
  reasons,
  refusalOf,
  trustDomain,
  x509Jwk,
} from './authorities.ts'

const a = await createAuthority('a')
const b = await createAuthority('b', { algorithm: 'P-384' })
const good = x509Jwk(a.certificate)
const parse = (document: string | Uint8Array) => parseTrustBundle(document, { trustDomain })

describe('documents', () => {
  test('a bundle has the trust domain that the caller names, as the document names none (BUNDLE-1)', () => {
    const { bundle, ignored } = read({ keys: [good, x509Jwk(b.certificate)] })
    expect(bundle.trustDomain).toBe(trustDomain)
    expect(bundle.x509Authorities.map(({ der }) => der)).toEqual([a.certificate.der, b.certificate.der])
    expect(bundle.trustAnchors?.has(a.certificate)).toBe(true)
    expect(ignored).toEqual([])
  })

  test.each([
    ['an array', '[]'],
    ['a string', '"keys"'],
    ['null', 'null'],
    ['a number', '7'],
  ])('%s is no JWK Set (BUNDLE-5)', (_, text) => {
    expect(codeOf(() => parse(text))).toBe('TRUST_BUNDLE_NOT_AN_OBJECT')
  })

  test('a document is UTF-8, whether as text or as bytes (BUNDLE-5)', () => {
    const text = JSON.stringify({ keys: [good], note: 'é' })
    expect(parse(new TextEncoder().encode(text)).x509Authorities).toHaveLength(1)
    const latin1 = Uint8Array.from(text, (character) => character.charCodeAt(0))
    expect(codeOf(() => parse(latin1))).toBe('TRUST_BUNDLE_JSON_INVALID')
  })

  test('unknown members of the document do not matter, nor what they hold (BUNDLE-6)', () => {
    const more = '"Keys":null,"__proto__":{"keys":[]},"x":[1e9,-0.5,true,false,null,{"a":{"a":1,"a":2}},"\\u00e9"]'
    expect(read(`{${more},"keys":[${JSON.stringify(good)}]}`).bundle.x509Authorities).toHaveLength(1)
  })

  test.each([
    ['missing', '{}'],
    ['null', '{"keys":null}'],
    ['an object', '{"keys":{}}'],
    ['written otherwise', '{"Keys":[]}'],
  ])('keys that are %s refuse the document (BUNDLE-10)', (_, text) => {
    expect(codeOf(() => parse(text))).toBe('TRUST_BUNDLE_KEYS_MISSING')
  })

  test('an empty list of keys is a bundle that distrusts everything (BUNDLE-11)', () => {
    const bundle = parse('{"keys":[]}')
    expect(bundle).toMatchObject({ isEmpty: true, x509Authorities: [], trustAnchors: undefined })
  })

  test('a bundle without any usable key is as empty (BUNDLE-12)', () => {
    const { bundle, ignored } = read({
      keys: [
        { ...good, use: 'sig' },
        { kty: 'AKP', use: 'x509-svid' },
      ],
    })
    expect(bundle.isEmpty).toBe(true)
    expect(ignored).toHaveLength(2)
  })

  test.each([
    ['a byte order mark', '\uFEFF{"keys":[]}'],
    ['text after the end', '{"keys":[]}x'],
    ['a second document', '{"keys":[]}{"keys":[]}'],
    ['nothing', ''],
    ['a comment', '{/**/"keys":[]}'],
    ['a comma too many', '{"keys":[],}'],
    ['single quotes', "{'keys':[]}"],
    ['no end', '{"keys":['],
    ['no end of a string', '{"keys'],
    ['a raw line break in a string', '{"keys\n":[]}'],
    ['a leading zero', '{"a":01,"keys":[]}'],
    ['a number that is too long', `{"a":1${'0'.repeat(64)},"keys":[]}`],
    ['no colon', '{"keys"[]}'],
    ['a missing comma', '{"keys":[1 2]}'],
    ['NaN', '{"a":NaN,"keys":[]}'],
  ])('%s refuses the document (BUNDLE-18)', (_, text) => {
    const error = refusalOf(() => parse(text))
    expect(error.code).toBe('TRUST_BUNDLE_JSON_INVALID')
    expect(error.detail).toHaveProperty('offset')
  })

  test('a byte order mark in bytes refuses the document too (BUNDLE-18)', () => {
    expect(codeOf(() => parse(new TextEncoder().encode('\uFEFF{"keys":[]}')))).toBe('TRUST_BUNDLE_JSON_INVALID')
  })

  test.each([['keys'], ['k\\u0065ys'], ['other']])(
    'a member that is there twice refuses it: %s (BUNDLE-18)',
    (name) => {
      const text = `{"keys":[],"other":1,"${name}":[]}`
      expect(codeOf(() => parse(text))).toBe('TRUST_BUNDLE_MEMBER_DUPLICATE')
    },
  )

  test('size, number of keys and depth are limited', () => {
    expect(codeOf(() => parse(' '.repeat(MAX_DOCUMENT_BYTES + 1)))).toBe('TRUST_BUNDLE_TOO_LARGE')
    expect(codeOf(() => parseTrustBundle('{"keys":[]}', { trustDomain, maxBytes: 10 }))).toBe('TRUST_BUNDLE_TOO_LARGE')
    expect(codeOf(() => parse(JSON.stringify({ keys: Array(MAX_BUNDLE_KEYS + 1).fill(0) })))).toBe(
      'TRUST_BUNDLE_KEYS_TOO_MANY',
    )
    const nest = (depth: number) => `{"keys":[],"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(parse(nest(MAX_JSON_DEPTH - 1)).isEmpty).toBe(true)
    expect(codeOf(() => parse(nest(MAX_JSON_DEPTH)))).toBe('TRUST_BUNDLE_JSON_INVALID')
    expect(codeOf(() => parse(`{"keys":[],"a":${'['.repeat(500_000)}`))).toBe('TRUST_BUNDLE_JSON_INVALID')
  })

  test('mistakes of the caller are no refusals', () => {
    // @ts-expect-error a document is text or bytes
    expect(() => parseTrustBundle({ keys: [] }, { trustDomain })).toThrow(TypeError)
    // @ts-expect-error the trust domain is a TrustDomain
    expect(() => parseTrustBundle('{"keys":[]}', { trustDomain: 'td.test' })).toThrow(TypeError)
  })
})

describe('sequence number and refresh hint', () => {
  test.each([
    ['0', 0n],
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['null', undefined],
  ])('the sequence number %s is read to the last digit (BUNDLE-8)', (text, expected) => {
    expect(parse(`{"keys":[],"spiffe_sequence":${text}}`).sequenceNumber).toBe(expected)
  })

  test.each(['-1', '1.5', '1.0', '1e3', '"1"', 'true', '[1]', '18446744073709551616', '-0'])(
    'the sequence number %s refuses the document (BUNDLE-8)',
    (text) => {
      expect(codeOf(() => parse(`{"keys":[],"spiffe_sequence":${text}}`))).toBe('TRUST_BUNDLE_SEQUENCE_INVALID')
    },
  )

  test('a refresh hint is seconds (BUNDLE-9)', () => {
    expect(parse('{"keys":[],"spiffe_refresh_hint":600}').refreshHintMs).toBe(600_000)
    expect(parse('{"keys":[],"spiffe_refresh_hint":null}').refreshHintMs).toBeUndefined()
  })

  test.each(['0', '-5', '1.5', '"300"', '99999999999', '1e2', '{}'])(
    'a refresh hint of %s counts as absent, and is told (BUNDLE-9)',
    (text) => {
      const { bundle, ignored } = read(`{"keys":[],"spiffe_refresh_hint":${text}}`)
      expect(bundle.refreshHintMs).toBeUndefined()
      expect(reasons(ignored)).toEqual(['/spiffe_refresh_hint TRUST_BUNDLE_REFRESH_HINT_INVALID'])
    },
  )
})

/** The bad entry stands between two good ones, which must count all the same. */
function ignoredAmong(entry: unknown): readonly string[] {
  const { bundle, ignored } = read({ keys: [good, entry, x509Jwk(b.certificate)] })
  expect(bundle.x509Authorities).toHaveLength(2)
  return reasons(ignored)
}

describe('entries are ignored one by one', () => {
  const c = x509Jwk(b.certificate)

  test.each([
    ['an unknown kty (BUNDLE-13)', { kty: 'AKP', use: 'x509-svid' }, 'TRUST_BUNDLE_KEY_TYPE_UNKNOWN'],
    ['no kty (BUNDLE-14)', { ...c, kty: undefined }, 'TRUST_BUNDLE_KEY_TYPE_UNKNOWN'],
    ['a kty that is no string (BUNDLE-17)', { ...c, kty: 1 }, 'TRUST_BUNDLE_KEY_TYPE_UNKNOWN'],
    ['a kty in other case (BUNDLE-13)', { ...c, kty: 'ec' }, 'TRUST_BUNDLE_KEY_TYPE_UNKNOWN'],
    ['an unknown curve (BUNDLE-13)', { ...c, crv: 'secp256k1' }, 'TRUST_BUNDLE_KEY_CURVE_UNKNOWN'],
    ['X25519 (BUNDLE-13)', { ...c, kty: 'OKP', crv: 'X25519' }, 'TRUST_BUNDLE_KEY_CURVE_UNKNOWN'],
    ['an unknown use (BUNDLE-13)', { ...c, use: 'wit-svid' }, 'TRUST_BUNDLE_KEY_USE_UNKNOWN'],
    ['no use (BUNDLE-13)', { ...c, use: undefined }, 'TRUST_BUNDLE_KEY_USE_UNKNOWN'],
    ['the use "sig" (BUNDLE-15)', { ...c, use: 'sig' }, 'TRUST_BUNDLE_KEY_USE_UNKNOWN'],
    ['a use in other case (BUNDLE-15)', { ...c, use: 'X509-SVID' }, 'TRUST_BUNDLE_KEY_USE_UNKNOWN'],
    ['a use that is no string (BUNDLE-17)', { ...c, use: ['x509-svid'] }, 'TRUST_BUNDLE_KEY_USE_UNKNOWN'],
    ['a point that is off its curve (BUNDLE-17)', { ...c, x: c['y'], y: c['x'] }, 'TRUST_BUNDLE_KEY_INVALID'],
    ['a short coordinate (BUNDLE-17)', { ...c, x: 'AAAA' }, 'TRUST_BUNDLE_KEY_INVALID'],
    ['padded base64url (BUNDLE-17)', { ...c, x: `${String(c['x'])}=` }, 'TRUST_BUNDLE_KEY_INVALID'],
    [
      'base64url with stray bits (BUNDLE-17)',
      { kty: 'RSA', n: 'AB', e: 'AQAB', use: 'x509-svid', x5c: ['MAA='] },
      'TRUST_BUNDLE_KEY_INVALID',
    ],
    ['no coordinate (BUNDLE-17)', { ...c, y: undefined }, 'TRUST_BUNDLE_KEY_INVALID'],
    ['a weak RSA key (BUNDLE-17)', { ...c, kty: 'RSA', n: 'wQ', e: 'AQAB' }, 'TRUST_BUNDLE_KEY_INVALID'],
    ['what is no object (BUNDLE-17)', 'key', 'TRUST_BUNDLE_KEY_NOT_AN_OBJECT'],
    ['a private key (BUNDLE-20)', { ...c, d: 'AAAA' }, 'TRUST_BUNDLE_KEY_PRIVATE'],
    ['a symmetric key (BUNDLE-20)', { kty: 'oct', k: 'AAAA', use: 'jwt-svid', kid: 'x' }, 'TRUST_BUNDLE_KEY_PRIVATE'],
    ['no x5c (X509-43)', { ...c, x5c: undefined }, 'TRUST_BUNDLE_CERTIFICATE_MISSING'],
    ['an empty x5c (X509-43)', { ...c, x5c: [] }, 'TRUST_BUNDLE_CERTIFICATE_MISSING'],
    ['an x5c that is no array (X509-43)', { ...c, x5c: base64(b.certificate.der) }, 'TRUST_BUNDLE_CERTIFICATE_MISSING'],
    ['a certificate that is none (X509-42)', { ...c, x5c: ['MAA='] }, 'TRUST_BUNDLE_CERTIFICATE_INVALID'],
    ['a certificate that is no string (X509-42)', { ...c, x5c: [7] }, 'TRUST_BUNDLE_CERTIFICATE_INVALID'],
    [
      'a certificate with line breaks (X509-42)',
      { ...c, x5c: [`${base64(b.certificate.der)}\n`] },
      'TRUST_BUNDLE_CERTIFICATE_INVALID',
    ],
    [
      'a certificate and a trailing octet (X509-42)',
      { ...c, x5c: [base64(Uint8Array.of(...b.certificate.der, 0))] },
      'TRUST_BUNDLE_CERTIFICATE_INVALID',
    ],
    [
      'the certificate of another key (X509-46)',
      { ...c, x5c: [base64(a.certificate.der)] },
      'TRUST_BUNDLE_CERTIFICATE_KEY_MISMATCH',
    ],
    ['a key for tokens without a name', { ...jwtJwk(a.certificate), kid: undefined }, 'TRUST_BUNDLE_KEY_ID_MISSING'],
    [
      'a key for tokens with a number for a name (BUNDLE-17)',
      jwtJwk(a.certificate, { kid: 5 }),
      'TRUST_BUNDLE_KEY_ID_MISSING',
    ],
    ['a malformed key for tokens (BUNDLE-17)', jwtJwk(a.certificate, { x: 'AAAA' }), 'TRUST_BUNDLE_KEY_INVALID'],
    ['a short P-521 key for tokens (BUNDLE-17)', jwtJwk(a.certificate, { crv: 'P-521' }), 'TRUST_BUNDLE_KEY_INVALID'],
  ])('%s', (_, entry, code) => {
    expect(ignoredAmong(entry)).toEqual([`/keys/1 ${code}`])
  })

  test('base64url in x5c is not the alphabet of certificates (X509-42)', () => {
    const text = base64(b.certificate.der)
    const other = text.replaceAll('+', '-').replaceAll('/', '_')
    expect(other).not.toBe(text)
    expect(ignoredAmong({ ...c, x5c: [other] })).toEqual(['/keys/1 TRUST_BUNDLE_CERTIFICATE_INVALID'])
  })

  test('a member that an entry has twice (BUNDLE-17)', () => {
    const { bundle, ignored } = read(`{"keys":[{"use":"sig",${JSON.stringify(good).slice(1)},${JSON.stringify(c)}]}`)
    expect(bundle.x509Authorities).toHaveLength(1)
    expect(reasons(ignored)).toEqual(['/keys/0 TRUST_BUNDLE_KEY_MEMBER_DUPLICATE'])
  })

  test('a leaf is no authority, even one that signs itself or is listed literally (X509-33)', async () => {
    const leaf = await createLeaf(a)
    expect(ignoredAmong(x509Jwk(leaf))).toEqual(['/keys/1 TRUST_BUNDLE_NOT_A_CA'])
  })

  test('what an observer is told is frozen evidence, never the key', () => {
    const { ignored } = read({
      keys: [
        { ...c, d: 'c2VjcmV0' },
        { ...c, use: 'x'.repeat(100) },
      ],
    })
    expect(JSON.stringify(ignored.map(({ error }) => [error.message, error.detail]))).not.toMatch(/c2Vjc|xxx/)
    expect(ignored.every(({ error }) => Object.isFrozen(error.detail))).toBe(true)
  })
})

describe('X.509 authorities', () => {
  test('members beside the key are tolerated: kid, alg, key_ops (X509-41)', () => {
    const { bundle, ignored } = read({ keys: [{ ...good, kid: 'a', alg: 'ES256', key_ops: ['verify'] }] })
    expect(bundle.x509Authorities).toHaveLength(1)
    expect(ignored).toEqual([])
  })

  test('of several certificates the first counts, and the rest is told (X509-44)', () => {
    const x5c = [base64(a.certificate.der), base64(b.certificate.der), 'not even base64']
    const { bundle, ignored } = read({ keys: [{ ...good, x5c }] })
    expect(bundle.x509Authorities.map(({ der }) => der)).toEqual([a.certificate.der])
    expect(reasons(ignored)).toEqual(['/keys/0/x5c/1 TRUST_BUNDLE_CERTIFICATE_EXTRA'])
  })

  test('keys for tokens alone are a bundle without X.509, which is not the same as an empty one (X509-45)', () => {
    const { bundle } = read({ keys: [jwtJwk(a.certificate)] })
    expect(bundle).toMatchObject({ isEmpty: false, x509Authorities: [], trustAnchors: undefined })
  })

  test('the same certificate twice counts once (X509-47)', () => {
    const { bundle, ignored } = read({ keys: [good, good] })
    expect(bundle.x509Authorities).toHaveLength(1)
    expect(ignored).toEqual([])
  })

  test('an intermediate may be an authority (X509-31), and Ed25519 too', async () => {
    const ed25519 = await createAuthority('e', { algorithm: 'Ed25519' })
    const { raw } = ed25519.certificate.publicKey
    const x = x509Jwk(ed25519.certificate, {
      kty: 'OKP',
      crv: 'Ed25519',
      x: base64(raw).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_'),
      y: undefined,
    })
    const cross = await crossSign(b, a)
    const { bundle, ignored } = read({ keys: [x509Jwk(cross), x] })
    expect(reasons(ignored)).toEqual([])
    expect(bundle.x509Authorities).toHaveLength(2)
  })
})

describe('JWT authorities', () => {
  test('are kept as they are, with P-521 and whatever members they have', () => {
    const p521 = { kty: 'EC', crv: 'P-521', x: 'A'.repeat(88), y: 'A'.repeat(88), use: 'jwt-svid', kid: 'p' }
    const { bundle, ignored } = read({ keys: [jwtJwk(a.certificate, { big: { n: 1 } }), p521] })
    expect(reasons(ignored)).toEqual([])
    expect(bundle.jwtAuthorities.map(({ keyId }) => keyId)).toEqual(['key-1', 'p'])
    expect(JSON.parse(bundle.jwtAuthorities[0]?.json ?? '')).toEqual(jwtJwk(a.certificate, { big: { n: 1 } }))
  })

  test('equal keys of one name collapse; different ones are both left out (JWT-22)', () => {
    const twice = read({ keys: [jwtJwk(a.certificate), jwtJwk(a.certificate, { alg: 'ES256' })] })
    expect(twice.bundle.jwtAuthorities).toHaveLength(1)
    const clash = read({ keys: [jwtJwk(a.certificate), jwtJwk(b.certificate), jwtJwk(b.certificate, { kid: 'b' })] })
    expect(clash.bundle.jwtAuthorities.map(({ keyId }) => keyId)).toEqual(['b'])
    expect(reasons(clash.ignored)).toEqual([
      '/keys/0 TRUST_BUNDLE_KEY_ID_CONFLICT',
      '/keys/1 TRUST_BUNDLE_KEY_ID_CONFLICT',
    ])
  })
})
