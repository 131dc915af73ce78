import {
  CertificateError,
  MAX_CERTIFICATE_BYTES,
  MAX_EXTENSIONS,
  MAX_NAME_ATTRIBUTES,
  MAX_PURPOSES,
  MAX_SUBJECT_ALT_NAMES,
  parseCertificate,
  parseCertificates,
} from '@meshid/certificate'
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
  oids,
  Tag,
} from '@meshid/der'
import { encodeSignatureAlgorithm } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  extension,
  forge,
  type Forgery,
  generalName,
  hours,
  key,
  keyUsage,
  name,
  subjectAltName,
  subjectKeyIdentifier,
  usage,
} from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'
import { goodLinkerdIssuerPem } from './vectors/good-linkerd-issuer.ts'

function hex(bytes: Uint8Array | undefined): string {
  return [...(bytes ?? [])].map((octet) => octet.toString(16).padStart(2, '0')).join('')
}

function parse(forgery: Forgery) {
  return parseCertificate(forge(forgery))
}

function codeOfForgery(forgery: Forgery): string {
  return codeOf(() => parse(forgery))
}

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), value)
}

describe('a real Linkerd issuer', () => {
  const [issuer] = parseCertificates(goodLinkerdIssuerPem)

  test('is read whole', () => {
    expect(issuer).toMatchObject({
      serialNumber: '65e94c7c0062f513d491a6b57c45df22',
      signatureAlgorithm: 'ecdsa-sha256',
      signatureAlgorithmOid: '1.2.840.10045.4.3.2',
      notBefore: new Date('2025-05-21T12:11:02Z'),
      notAfter: new Date('2026-05-21T12:11:02Z'),
      basicConstraints: { critical: true, ca: true, pathLength: 0 },
      keyUsage: { critical: true, keyCertSign: true, crlSign: true, digitalSignature: false },
      extendedKeyUsage: undefined,
      subjectAltNames: undefined,
      unknownCriticalExtensions: [],
    })
    expect(issuer?.publicKey.algorithm).toBe('P-256')
    expect(hex(issuer?.subjectKeyIdentifier)).toBe('d2abe979f0544df93e194b0a8fc97f441499b2b1')
    expect(hex(issuer?.authorityKeyIdentifier)).toBe('293c94589cd181806ac2ecb0272037305e420756')
    expect(issuer?.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([
      [oids.keyUsage, true],
      [oids.basicConstraints, true],
      [oids.subjectKeyIdentifier, false],
      [oids.authorityKeyIdentifier, false],
    ])
  })

  test('has names as text and as octets', () => {
    expect(issuer?.subject.text()).toBe('CN=identity.linkerd.cluster.local')
    expect(issuer?.issuer.commonName).toBe('root.linkerd.cluster.local')
    expect(issuer?.subject.equals(issuer.issuer)).toBe(false)
    expect(issuer?.subject.bytes[0]).toBe(Tag.sequence)
  })

  test('is frozen', () => {
    expect([issuer, issuer?.subject, issuer?.extensions, issuer?.keyUsage].every(Object.isFrozen)).toBe(true)
  })
})

describe('parseCertificate', () => {
  test('copies the bytes that it is given, and views its own', () => {
    const der = forge()
    const certificate = parseCertificate(der)
    const before = certificate.der.slice()
    der.fill(0)
    expect(certificate.der).toEqual(before)
    expect(certificate.tbs.buffer).toBe(certificate.der.buffer)
  })

  test('reads a certificate without extensions', () => {
    expect(parse({})).toMatchObject({ extensions: [], basicConstraints: undefined, serialNumber: '1234' })
  })

  test('reads P-384 and Ed25519', () => {
    const ed25519 = key(5, 'Ed25519')
    const certificate = parse({ key: key(5, 'P-384'), signer: ed25519 })
    expect(certificate.publicKey.algorithm).toBe('P-384')
    expect(certificate.signatureAlgorithm).toBe('ed25519')
    expect(certificate.signature).toHaveLength(64)
  })

  test('leaves an unsupported signature algorithm to the verification of chains', () => {
    const sha1 = encodeSequence(encodeOid(oids.sha1WithRsaEncryption), encodeNull())
    expect(parse({ innerAlgorithm: sha1 })).toMatchObject({
      signatureAlgorithm: undefined,
      signatureAlgorithmOid: oids.sha1WithRsaEncryption,
    })
  })

  test('shows serial numbers without the sign octet', () => {
    expect(parse({ serialNumber: encodeInteger(0xff00n) }).serialNumber).toBe('ff00')
    expect(parse({ serialNumber: encodeInteger(1) }).serialNumber).toBe('01')
    expect(parse({ serialNumber: encodeInteger(0) }).serialNumber).toBe('00')
    expect(parse({ serialNumber: encodeInteger((1n << 159n) - 1n) }).serialNumber).toHaveLength(40)
  })

  test('takes a byte array only', () => {
    expect(() => parseCertificate('MIIB' as unknown as Uint8Array)).toThrow(TypeError)
  })

  test('names the limit of the size', () => {
    const error = refusalOf(() => parseCertificate(new Uint8Array(MAX_CERTIFICATE_BYTES + 1)))
    expect(error).toMatchObject({ code: 'CERT_TOO_LARGE', detail: { limit: MAX_CERTIFICATE_BYTES } })
    expect(codeOf(() => parseCertificate(forge(), { maxBytes: 100 }))).toBe('CERT_TOO_LARGE')
  })

  test('says where DER is not strict', () => {
    const error = refusalOf(() => parseCertificate(Uint8Array.of(...forge(), 0)))
    expect(error).toBeInstanceOf(CertificateError)
    expect(error).toMatchObject({ code: 'CERT_DER_INVALID', detail: { der: 'DER_TRAILING_BYTES' } })
    expect(error.cause).toMatchObject({ name: 'DerError' })
    expect(codeOf(() => parseCertificate(new Uint8Array()))).toBe('CERT_DER_INVALID')
  })

  test.each<[string, string, Forgery]>([
    ['version 1', 'CERT_VERSION_UNSUPPORTED', { version: new Uint8Array() }],
    ['version 2', 'CERT_VERSION_UNSUPPORTED', { version: encodeExplicit(0, encodeInteger(1)) }],
    ['version 4', 'CERT_VERSION_UNSUPPORTED', { version: encodeExplicit(0, encodeInteger(3)) }],
    ['a negative serial number', 'CERT_SERIAL_NUMBER_INVALID', { serialNumber: encodeInteger(-5) }],
    ['21 octets of serial number', 'CERT_SERIAL_NUMBER_INVALID', { serialNumber: encodeInteger(1n << 159n) }],
    ['a padded serial number', 'CERT_DER_INVALID', { serialNumber: Uint8Array.of(2, 2, 0, 5) }],
    [
      'two algorithms',
      'CERT_ALGORITHM_MISMATCH',
      {
        innerAlgorithm: encodeSignatureAlgorithm('ecdsa-sha384'),
        outerAlgorithm: encodeSignatureAlgorithm('ecdsa-sha256'),
      },
    ],
    ['an empty issuer', 'CERT_NAME_INVALID', { issuer: name() }],
    ['an empty part of a name', 'CERT_NAME_INVALID', { subject: encodeSequence(encodeSet()) }],
    [
      'too many attributes',
      'CERT_NAME_INVALID',
      {
        subject: encodeSequence(
          ...Array.from({ length: MAX_NAME_ATTRIBUTES + 1 }, () =>
            encodeSet(attribute(oids.commonName, encodeUtf8String('x'))),
          ),
        ),
      },
    ],
    [
      'a name that is not UTF-8',
      'CERT_DER_INVALID',
      {
        subject: encodeSequence(
          encodeSet(attribute(oids.commonName, encodeElement(Tag.utf8String, Uint8Array.of(0xff)))),
        ),
      },
    ],
    ['a validity that ends first', 'CERT_VALIDITY_INVALID', { notBefore: hours(2), notAfter: hours(1) }],
    [
      'a GeneralizedTime before 2050',
      'CERT_DER_INVALID',
      {
        validity: encodeSequence(
          encodeElement(Tag.generalizedTime, new TextEncoder().encode('20260101000000Z')),
          encodeTime(hours(1)),
        ),
      },
    ],
    ['a broken key', 'CERT_PUBLIC_KEY_INVALID', { spki: encodeSequence(encodeNull()) }],
    ['a P-521 key (Q9, Q54)', 'CERT_UNSUPPORTED_ALGORITHM', { spki: p521Spki() }],
    ['a unique identifier', 'CERT_DER_INVALID', { uniqueIdentifiers: encodeElement(0x81, Uint8Array.of(0, 1)) }],
    [
      'no extensions in their place',
      'CERT_EXTENSION_INVALID',
      { extensionsElement: encodeExplicit(3, encodeSequence()) },
    ],
    [
      'a signature of 7 bits less',
      'CERT_DER_INVALID',
      { signature: encodeBitString(Uint8Array.of(0x80), { unusedBits: 7 }) },
    ],
  ])('refuses %s', (_, code, forgery) => {
    expect(codeOfForgery(forgery)).toBe(code)
  })
})

/** The SPKI of a P-521 key: algorithm and curve are right, the point is of the right length. */
function p521Spki(): Uint8Array {
  const point = new Uint8Array(133).fill(1)
  point[0] = 4
  return encodeSequence(encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.secp521r1)), encodeBitString(point))
}

describe('names', () => {
  test('are escaped, so that they cannot break a line or a log', () => {
    const subject = encodeSequence(
      encodeSet(attribute(oids.countryName, encodePrintableString('NO'))),
      encodeSet(
        attribute(oids.organizationName, encodeUtf8String('a, b\u0000\n\u202E')),
        attribute('1.2.3.4', encodeUtf8String('#x ')),
      ),
    )
    expect(parse({ subject }).subject.text()).toMatch(/^C=NO, /)
    expect(parse({ subject }).subject.text()).toContain('O=a\\, b\\00\\0a\\e2\\80\\ae')
    expect(parse({ subject }).subject.text()).toContain('1.2.3.4=\\#x\\ ')
  })

  test('have a common name only when there is one of it', () => {
    const one = encodeSet(attribute(oids.commonName, encodeUtf8String('a')))
    expect(parse({ subject: encodeSequence(one, one) }).subject.commonName).toBeUndefined()
    expect(parse({ subject: name() }).subject).toMatchObject({ isEmpty: true, commonName: undefined })
    expect(parse({ subject: name('web') }).subject).toMatchObject({ isEmpty: false, commonName: 'web' })
  })

  test('show what is no character string in hexadecimal', () => {
    const subject = encodeSequence(encodeSet(attribute('2.5.4.45', encodeBitString(Uint8Array.of(0xa0)))))
    expect(parse({ subject }).subject.attributes).toEqual([{ type: '2.5.4.45', value: '#030200a0' }])
  })

  test.each([oids.commonName, oids.organizationName, oids.countryName])('hold text where text belongs: %s', (type) => {
    const subject = encodeSequence(encodeSet(attribute(type, encodeOctetString(Uint8Array.of(0x77)))))
    expect(codeOfForgery({ subject })).toBe('CERT_NAME_INVALID')
  })
})

describe('subject alternative names', () => {
  const read = (...names: readonly Uint8Array[]) => parse({ extensions: [subjectAltName(names, true)] }).subjectAltNames

  test('are read by kind, in order and untouched', () => {
    const { directoryNames, ...names } = Object(
      read(
        generalName(2, 'b.example'),
        generalName(6, 'SPIFFE://td/Web'),
        generalName(2, 'a.example'),
        generalName(1, 'me@example'),
        generalName(7, Uint8Array.of(10, 0, 0, 1)),
        generalName(7, Uint8Array.of(0xfd, 0, ...new Uint8Array(13), 1)),
        encodeExplicit(4, name('directory')),
        encodeElement(0xa0, encodeOid('1.2.3')),
        encodeElement(0x88, Uint8Array.of(0x2a)),
      ),
    )
    expect(directoryNames).toHaveLength(1)
    expect(names).toEqual({
      critical: true,
      dnsNames: ['b.example', 'a.example'],
      uris: ['SPIFFE://td/Web'],
      emailAddresses: ['me@example'],
      ipAddresses: ['10.0.0.1', 'fd00:0:0:0:0:0:0:1'],
      directoryNameCount: 1,
      otherNameCount: 2,
    })
  })

  test.each<[string, string, readonly Uint8Array[]]>([
    ['none', 'CERT_EXTENSION_INVALID', []],
    ['an empty DNS name', 'CERT_EXTENSION_INVALID', [generalName(2, '')]],
    ['a NUL in a name (CVE-2009-2408)', 'CERT_EXTENSION_INVALID', [generalName(2, 'good.example\0.evil.example')]],
    ['a line break in a URI', 'CERT_EXTENSION_INVALID', [generalName(6, 'spiffe://td/a\nb')]],
    ['a DEL in an address', 'CERT_EXTENSION_INVALID', [generalName(1, 'a\u007f@b')]],
    ['a letter beyond IA5', 'CERT_DER_INVALID', [generalName(6, 'spiffe://td/é')]],
    ['five octets of IP address', 'CERT_EXTENSION_INVALID', [generalName(7, new Uint8Array(5))]],
    ['a kind that does not exist', 'CERT_EXTENSION_INVALID', [encodeElement(0x89, Uint8Array.of(1))]],
    [
      'more than the limit',
      'CERT_EXTENSIONS_TOO_MANY',
      Array.from({ length: MAX_SUBJECT_ALT_NAMES + 1 }, () => generalName(2, 'a.example')),
    ],
  ])('refuses %s', (_, code, names) => {
    expect(codeOf(() => read(...names))).toBe(code)
  })
})

describe('extensions', () => {
  test('are read', () => {
    expect(
      parse({
        extensions: [
          keyUsage(0x1ff),
          extendedKeyUsage(oids.serverAuth, '1.3.6.1.4.1.99'),
          basicConstraints(true, 3),
          extension('1.2.3', encodeNull(), true),
          extension('1.2.4', encodeNull()),
          extension(oids.authorityKeyIdentifier, encodeSequence()),
        ],
      }),
    ).toMatchObject({
      basicConstraints: { ca: true, pathLength: 3 },
      keyUsage: { digitalSignature: true, contentCommitment: true, encipherOnly: true, decipherOnly: true },
      extendedKeyUsage: { critical: false, purposes: ['serverAuth', '1.3.6.1.4.1.99'] },
      unknownCriticalExtensions: ['1.2.3'],
      authorityKeyIdentifier: undefined,
    })
  })

  const id = Uint8Array.of(1)
  test.each<[string, string, readonly Uint8Array[]]>([
    ['one twice', 'CERT_EXTENSION_DUPLICATE', [keyUsage(usage.digitalSignature), keyUsage(usage.digitalSignature)]],
    ['an unknown one twice', 'CERT_EXTENSION_DUPLICATE', [extension('1.2.3', id), extension('1.2.3', id)]],
    ['no key usage at all', 'CERT_EXTENSION_INVALID', [keyUsage(0)]],
    ['no purpose', 'CERT_EXTENSION_INVALID', [extendedKeyUsage()]],
    ['a path length of a leaf', 'CERT_EXTENSION_INVALID', [basicConstraints(false, 0)]],
    ['a negative path length', 'CERT_EXTENSION_INVALID', [basicConstraints(true, -1)]],
    ['a critical subject key id', 'CERT_EXTENSION_INVALID', [subjectKeyIdentifier(id, true)]],
    ['a critical authority key id', 'CERT_EXTENSION_INVALID', [authorityKeyIdentifier(id, true)]],
    ['an empty key id', 'CERT_EXTENSION_INVALID', [subjectKeyIdentifier(new Uint8Array())]],
    [
      'an authority with a serial number but no name',
      'CERT_EXTENSION_INVALID',
      [extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x82, id)))],
    ],
    [
      'CA:FALSE written out',
      'CERT_DER_INVALID',
      [extension(oids.basicConstraints, encodeSequence(Uint8Array.of(Tag.boolean, 1, 0)))],
    ],
    [
      'a criticality of FALSE written out',
      'CERT_DER_INVALID',
      [encodeSequence(encodeOid('1.2.3'), Uint8Array.of(Tag.boolean, 1, 0), encodeOctetString(id))],
    ],
    [
      'bytes after the value',
      'CERT_DER_INVALID',
      [extension(oids.subjectKeyIdentifier, Uint8Array.of(...encodeOctetString(id), 5, 0))],
    ],
    [
      'more than the limit',
      'CERT_EXTENSIONS_TOO_MANY',
      Array.from({ length: MAX_EXTENSIONS + 1 }, (_, index) => extension(`1.2.3.${index}`, id)),
    ],
    [
      'more purposes than the limit',
      'CERT_EXTENSIONS_TOO_MANY',
      [extendedKeyUsage(...Array.from({ length: MAX_PURPOSES + 1 }, (_, index) => `1.2.3.${index}`))],
    ],
  ])('refuses %s', (_, code, extensions) => {
    expect(codeOfForgery({ extensions })).toBe(code)
  })

  test('accepts an authority key id with issuer and serial number', () => {
    const value = encodeSequence(
      encodeElement(0x80, id),
      encodeElement(0xa1, encodeExplicit(4, name('root'))),
      encodeElement(0x82, id),
    )
    const certificate = parse({ extensions: [extension(oids.authorityKeyIdentifier, value)] })
    expect(certificate.authorityKeyIdentifier).toEqual(id)
  })
})
