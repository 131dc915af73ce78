import { createTrustAnchors, MAX_NAME_CONSTRAINTS, parseCertificate, verifyChain } from '@meshid/certificate'
import {
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  authority,
  basicConstraints,
  directoryName,
  extension,
  forge,
  type ForgedConstraints,
  generalName,
  key,
  keyUsage,
  leaf,
  type Link,
  name,
  nameConstraints,
  now,
  subjectAltName,
  usage,
} from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

const root = authority('root')
const trustAnchors = createTrustAnchors([root.certificate])

const dns = (text: string): Uint8Array => generalName(2, text)
const uri = (text: string): Uint8Array => generalName(6, text)
const email = (text: string): Uint8Array => generalName(1, text)
const ip = (...octets: readonly number[]): Uint8Array => generalName(7, Uint8Array.from(octets))
const otherName = encodeElement(0xa0, encodeOid('1.2.3'))

function constrained(constraints: ForgedConstraints): Link {
  return authority('issuer', { by: root, more: [nameConstraints(constraints)] })
}

/** A leaf with these names and an empty subject. */
function named(by: Link, ...names: readonly Uint8Array[]): Link {
  return leaf('', { by, extensions: [keyUsage(usage.digitalSignature), subjectAltName(names, true)] })
}

/** A leaf with this subject. */
function titled(by: Link, subject: Uint8Array): Link {
  const der = forge({ subject, issuer: by.certificate.subject.bytes, signer: by.key, extensions: [] })
  return { certificate: parseCertificate(der), key: key(1) }
}

function verify(...links: readonly Link[]) {
  const chain = links.map(({ certificate }) => certificate)
  return verifyChain({ chain, trustAnchors, now, purpose: 'leaf' }, { verifier: nobleVerifier })
}

type Verdict = 'inside' | 'outside' | 'uncertain'

/** What both lists say: permitted wants all of a name, excluded none of it. */
const codes: Readonly<Record<Verdict, { permitted: string; excluded: string }>> = {
  inside: { permitted: '', excluded: 'CERT_NAME_EXCLUDED' },
  outside: { permitted: 'CERT_NAME_NOT_PERMITTED', excluded: '' },
  uncertain: { permitted: 'CERT_NAME_NOT_PERMITTED', excluded: 'CERT_NAME_EXCLUDED' },
}

function judge(links: readonly Link[]): string {
  try {
    verify(...links)
    return ''
  } catch (error) {
    return codeOf(() => {
      throw error
    })
  }
}

function expectVerdict(verdict: Verdict, constraint: Uint8Array, leafOf: (by: Link) => Link): void {
  for (const list of ['permitted', 'excluded'] as const) {
    const issuer = constrained({ [list]: [constraint] })
    expect(judge([leafOf(issuer), issuer]), list).toBe(codes[verdict][list])
  }
}

describe('DNS names', () => {
  test.each<[string, string, Verdict]>([
    ['a.test', 'a.test', 'inside'],
    ['x.y.a.test', 'a.test', 'inside'],
    ['X.A.TEST', 'a.Test', 'inside'],
    ['ba.test', 'a.test', 'outside'],
    ['test', 'a.test', 'outside'],
    ['b.test', '', 'inside'],
    ['*.a.test', 'a.test', 'inside'],
    ['*.a.test', 'b.a.test', 'uncertain'],
    ['*.a.test', 'c.b.a.test', 'outside'],
    ['*.a.test', 'b.test', 'outside'],
    ['.a.test', 'a.test', 'uncertain'],
    ['a.*.test', 'test', 'uncertain'],
    ['a_b.test', 'test', 'uncertain'],
  ])('%s and the subtree %s: %s', (found, constraint, verdict) => {
    expectVerdict(verdict, dns(constraint), (by) => named(by, dns(found)))
  })
})

describe('URIs', () => {
  test.each<[string, string, Verdict]>([
    ['spiffe://td.test/w', 'td.test', 'inside'],
    ['SPIFFE://me@TD.test:8443/w', 'td.test', 'inside'],
    ['spiffe://a.td.test/w', 'td.test', 'outside'],
    ['spiffe://a.td.test/w', '.td.test', 'inside'],
    ['spiffe://td.test/w', '.td.test', 'outside'],
    ['spiffe://atd.test/w', '.td.test', 'outside'],
    ['spiffe://td_1..x/w', 'td_1..x', 'inside'],
    ['spiffe://td.test@evil.test/w', 'td.test', 'outside'],
    ['spiffe://any.test', '', 'inside'],
    ['urn:td.test', 'td.test', 'uncertain'],
    ['https://10.0.0.1/', 'td.test', 'uncertain'],
    ['https://[::1]/', 'td.test', 'uncertain'],
    ['https:///td.test', 'td.test', 'uncertain'],
  ])('%s and the host %s: %s (X509-24)', (found, constraint, verdict) => {
    expectVerdict(verdict, uri(constraint), (by) => named(by, uri(found)))
  })
})

describe('e-mail addresses', () => {
  const table: readonly (readonly [string, string, Verdict])[] = [
    ['me@a.test', 'me@a.test', 'inside'],
    ['me@A.TEST', 'me@a.test', 'inside'],
    ['ME@a.test', 'me@a.test', 'uncertain'],
    ['you@a.test', 'me@a.test', 'outside'],
    ['*@a.test', '*@a.test', 'inside'],
    ['me@a.test', '*@a.test', 'outside'],
    ['me@a.test', 'a.test', 'inside'],
    ['me@b.a.test', 'a.test', 'outside'],
    ['me@b.a.test', '.a.test', 'inside'],
    ['me@a.test', '.a.test', 'outside'],
    ['me@a.test', '', 'inside'],
    ['me@you@a.test', 'a.test', 'uncertain'],
    ['a.test', 'a.test', 'uncertain'],
  ]

  test.each(table)('%s and %s: %s', (found, constraint, verdict) => {
    expectVerdict(verdict, email(constraint), (by) => named(by, email(found)))
  })

  test('in a subject count as well', () => {
    const subject = encodeSequence(
      encodeSet(
        encodeSequence(encodeOid(oids.emailAddress), encodeElement(0x16, new TextEncoder().encode('me@a.test'))),
      ),
    )
    expectVerdict('inside', email('a.test'), (by) => titled(by, subject))
    expectVerdict('outside', email('b.test'), (by) => titled(by, subject))
  })
})

describe('IP addresses', () => {
  test.each<[readonly number[], readonly number[], Verdict]>([
    [[10, 1, 2, 3], [10, 1, 0, 0, 255, 255, 0, 0], 'inside'],
    [[10, 2, 2, 3], [10, 1, 0, 0, 255, 255, 0, 0], 'outside'],
    [[10, 1, 2, 130], [10, 1, 2, 129, 255, 255, 255, 128], 'inside'],
    [[10, 1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0], 'inside'],
    [[...Array(15).fill(0), 1], [...Array(15).fill(0), 1, ...Array(16).fill(255)], 'inside'],
    [[...Array(15).fill(0), 2], [...Array(15).fill(0), 1, ...Array(16).fill(255)], 'outside'],
    [[10, 1, 2, 3], [...Array(32).fill(0)], 'outside'],
  ])('%j and %j: %s', (found, constraint, verdict) => {
    expectVerdict(verdict, ip(...constraint), (by) => named(by, ip(...found)))
  })
})

describe('directory names', () => {
  const part = (oid: string, value: Uint8Array): Uint8Array => encodeSet(encodeSequence(encodeOid(oid), value))
  const organization = part(oids.organizationName, encodeUtf8String('Mesh Ltd'))
  const shouted = part(oids.organizationName, encodePrintableString(' MESH  ltd'))
  const web = part(oids.commonName, encodeUtf8String('web'))

  test.each<[string, Uint8Array, Uint8Array, Verdict]>([
    ['a longer name', encodeSequence(organization, web), encodeSequence(organization), 'inside'],
    ['the same name', encodeSequence(organization), encodeSequence(organization), 'inside'],
    ['another case, spacing and string type', encodeSequence(shouted, web), encodeSequence(organization), 'inside'],
    ['another order', encodeSequence(web, organization), encodeSequence(organization), 'outside'],
    ['a shorter name', encodeSequence(organization), encodeSequence(organization, web), 'outside'],
    ['any name and an empty constraint', encodeSequence(web), encodeSequence(), 'inside'],
  ])('%s', (_, subject, constraint, verdict) => {
    expectVerdict(verdict, directoryName(constraint), (by) => titled(by, subject))
    expectVerdict(verdict, directoryName(constraint), (by) => named(by, directoryName(subject)))
  })

  test('a common name is no DNS name', () => {
    const issuer = constrained({ permitted: [dns('a.test')], excluded: [dns('b.test')] })
    expect(verify(titled(issuer, name('b.test')), issuer).path).toHaveLength(3)
  })
})

describe('kinds', () => {
  test('do not touch each other (X509-25)', () => {
    const issuer = constrained({ permitted: [dns('a.test')], excluded: [ip(10, 0, 0, 0, 255, 0, 0, 0)] })
    expect(verify(named(issuer, dns('a.test'), uri('spiffe://td.test/w'), ip(11, 0, 0, 1)), issuer).path).toHaveLength(
      3,
    )
    expect(judge([named(issuer, dns('b.test'), uri('spiffe://td.test/w')), issuer])).toBe('CERT_NAME_NOT_PERMITTED')
    expect(judge([named(issuer, uri('spiffe://td.test/w'), ip(10, 0, 0, 1)), issuer])).toBe('CERT_NAME_EXCLUDED')
  })

  test('that cannot be compared refuse certificates that have them, and no others', () => {
    const issuer = constrained({ excluded: [otherName] })
    expect(judge([named(issuer, dns('a.test'), otherName), issuer])).toBe('CERT_NAME_CONSTRAINTS_UNSUPPORTED')
    expect(verify(named(issuer, dns('a.test')), issuer).path).toHaveLength(3)
  })
})

describe('name constraints', () => {
  const id = 'spiffe://td.test/w'

  test.each([true, false])('count whether critical or not: %s (X509-23)', (critical) => {
    const issuer = constrained({ permitted: [uri('other.test')], critical })
    expect(refusalOf(() => verify(named(issuer, uri(id)), issuer))).toMatchObject({
      code: 'CERT_NAME_NOT_PERMITTED',
      detail: { certificate: id, issuer: 'CN=issuer', kind: 'uri', found: id, constraints: ['uri:other.test'] },
    })
  })

  test('of an anchor count', () => {
    const anchor = authority('root', { more: [nameConstraints({ excluded: [uri('td.test')] })] })
    const chain = [leaf(id, { by: anchor }).certificate]
    const input = { chain, trustAnchors: createTrustAnchors([anchor.certificate]), now, purpose: 'leaf' } as const
    expect(codeOf(() => verifyChain(input, { verifier: nobleVerifier }))).toBe('CERT_NAME_EXCLUDED')
  })

  test('of several CAs all count: a lower CA cannot widen what an upper one permits', () => {
    const upper = authority('upper', { by: root, more: [nameConstraints({ permitted: [uri('td.test')] })] })
    const wide = [nameConstraints({ permitted: [uri('td.test'), uri('other.test')] })]
    const lower = authority('lower', { by: upper, more: wide })
    expect(verify(named(lower, uri(id)), lower, upper).path).toHaveLength(4)
    expect(judge([named(lower, uri('spiffe://other.test/w')), lower, upper])).toBe('CERT_NAME_NOT_PERMITTED')
  })

  test('bind the CAs below, but neither self-issued ones nor the CA itself (RFC 5280 section 6.1.3 (b))', () => {
    const excluded = [nameConstraints({ excluded: [dns('ca.test')] })]
    const own = [subjectAltName([dns('ca.test')])]
    const upper = authority('upper', { by: root, more: [...excluded, ...own] })
    expect(verify(named(upper, uri(id)), upper).path).toHaveLength(3)
    const rolled = authority('upper', { by: upper, key: key(61), more: own })
    expect(verify(named(rolled, uri(id)), rolled, upper).path).toHaveLength(4)
    const lower = authority('lower', { by: upper, more: own })
    expect(judge([named(lower, uri(id)), lower, upper])).toBe('CERT_NAME_EXCLUDED')
  })

  test('bind a self-issued leaf', () => {
    const issuer = constrained({ excluded: [uri('td.test')] })
    const own = subjectAltName([uri(id)])
    const subject = issuer.certificate.subject.bytes
    const der = forge({ subject, issuer: subject, signer: issuer.key, extensions: [own] })
    expect(judge([{ certificate: parseCertificate(der), key: key(1) }, issuer])).toBe('CERT_NAME_EXCLUDED')
  })

  test('of one CA do not close the way over another', () => {
    const strict = constrained({ excluded: [uri('td.test')] })
    const loose = authority('issuer', { by: root })
    expect(verify(named(loose, uri(id)), strict, loose).intermediates).toEqual([loose.certificate])
  })
})

describe('malformed name constraints', () => {
  const read = (...more: readonly Uint8Array[]) => codeOf(() => authority('ca', { more }))
  const subtree = (...parts: readonly Uint8Array[]) =>
    extension(oids.nameConstraints, encodeSequence(encodeElement(0xa0, encodeSequence(...parts))), true)

  test.each<[string, Uint8Array]>([
    ['a wildcard', dns('*.a.test')],
    ['a leading period', dns('.a.test')],
    ['an address without a mask', ip(10, 0, 0, 1)],
    ['a mask with holes', ip(10, 0, 0, 1, 255, 0, 255, 0)],
    ['a mailbox with two signs', email('a@b@c.test')],
    ['a mailbox without a name', email('@c.test')],
    ['a URI in the place of a host', uri('spiffe://td.test')],
    ['an address in the place of a host', uri('10.0.0.1')],
    ['a period alone', uri('.')],
    ['a kind that does not exist', encodeElement(0x89, Uint8Array.of(1))],
  ])('are refused: %s', (_, constraint) => {
    expect(read(nameConstraints({ permitted: [constraint] }))).toBe('CERT_EXTENSION_INVALID')
  })

  test('are refused: neither list, empty lists, NULLs, minimum and maximum', () => {
    expect(read(nameConstraints({}))).toBe('CERT_EXTENSION_INVALID')
    expect(read(nameConstraints({ permitted: [] }))).toBe('CERT_EXTENSION_INVALID')
    expect(read(extension(oids.nameConstraints, encodeSequence(encodeNull())))).toBe('CERT_DER_INVALID')
    expect(read(subtree(dns('a.test'), encodeElement(0x80, Uint8Array.of(0))))).toBe('CERT_EXTENSION_INVALID')
    expect(read(subtree(dns('a.test'), encodeElement(0x81, Uint8Array.of(9))))).toBe('CERT_EXTENSION_INVALID')
    expect(read(subtree(encodeInteger(1)))).toBe('CERT_EXTENSION_INVALID')
  })

  test('are refused: more than the limit', () => {
    const many = Array.from({ length: MAX_NAME_CONSTRAINTS + 1 }, (_, index) => dns(`a${index}`))
    expect(read(nameConstraints({ permitted: many }))).toBe('CERT_EXTENSIONS_TOO_MANY')
    const half = many.slice(0, MAX_NAME_CONSTRAINTS / 2 + 1)
    expect(read(nameConstraints({ permitted: half, excluded: half }))).toBe('CERT_EXTENSIONS_TOO_MANY')
  })

  test.each([true, false])('are refused: any on a leaf, critical or not: %s', (critical) => {
    const constraints = nameConstraints({ permitted: [dns('a.test')], critical })
    expect(codeOf(() => leaf('spiffe://td.test/w', { by: root, more: [constraints] }))).toBe('CERT_EXTENSION_INVALID')
    expect(codeOf(() => authority('ca', { extensions: [basicConstraints(false), constraints] }))).toBe(
      'CERT_EXTENSION_INVALID',
    )
  })
})
