import { CsrError, MAX_CSR_BYTES, MAX_CSR_EXTENSIONS, ParsedCsr, parseCsr } from '@meshid/csr'
import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeIa5String,
  encodeImplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
  Tag,
} from '@meshid/der'
import { encodeSignatureAlgorithm } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  codeOf,
  extension,
  extensionRequest,
  forge,
  forgeNames,
  generalName,
  hex,
  signers,
  subject,
  subjectAltName,
} from './forge.ts'

const attributes = (...all: readonly Uint8Array[]) => [encodeImplicit(0, encodeSet(...all))]
const refused = (der: Uint8Array) => codeOf(() => parseCsr(der))

describe('what a request says', () => {
  test('names of every kind', () => {
    const csr = parseCsr(
      forgeNames(
        generalName(0x82, 'a.example'),
        generalName(0x86, 'spiffe://example.org/a'),
        generalName(0x81, 'a@example.org'),
        generalName(0x87, hex('0a 00 00 01')),
        generalName(0x87, hex('20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01')),
        generalName(0x82, 'b.example'),
        generalName(0xa0, hex('06 03 2a 03 04 a0 03 0c 01 61')),
        generalName(0xa4, hex('30 00')),
        generalName(0x88, hex('2a 03 04')),
      ),
    )
    expect(csr.dnsNames).toEqual(['a.example', 'b.example'])
    expect(csr.uris).toEqual(['spiffe://example.org/a'])
    expect(csr.emailAddresses).toEqual(['a@example.org'])
    expect(csr.ipAddresses).toEqual(['10.0.0.1', '2001:db8::1'])
    expect(csr.otherNameCount).toBe(3)
  })

  test.each([
    ['00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00', '::'],
    ['00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01', '::1'],
    ['fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00', 'fe80::'],
    ['20 01 0d b8 00 00 00 01 00 01 00 01 00 01 00 01', '2001:db8:0:1:1:1:1:1'],
    ['20 01 00 00 00 00 00 01 00 00 00 00 00 00 00 01', '2001:0:0:1::1'],
    ['20 01 0d b8 00 00 00 00 00 01 00 00 00 00 00 01', '2001:db8::1:0:0:1'],
  ])('IPv6 %s is %s (RFC 5952)', (bytes, text) => {
    expect(parseCsr(forgeNames(generalName(0x87, hex(bytes)))).ipAddresses).toEqual([text])
  })

  test('a subject with all its attributes', () => {
    const der = forge({
      subject: subject(
        [oids.countryName, encodePrintableString('NO')],
        [oids.organizationName, 'Ærlig & Søn'],
        [oids.domainComponent, encodeIa5String('example')],
        [oids.commonName, 'web'],
      ),
    })
    const { subject: it } = parseCsr(der)
    expect(it.isEmpty).toBe(false)
    expect(it.commonName).toBe('web')
    expect(it.attributes.map(({ type, value }) => `${type}=${value}`)).toEqual([
      '2.5.4.6=NO',
      '2.5.4.10=Ærlig & Søn',
      '0.9.2342.19200300.100.1.25=example',
      '2.5.4.3=web',
    ])
  })

  test('a multi-valued RDN', () => {
    const two = encodeSet(
      encodeSequence(encodeOid(oids.commonName), encodeUtf8String('web')),
      encodeSequence(encodeOid(oids.organizationName), encodeUtf8String('org')),
    )
    expect(parseCsr(forge({ subject: encodeSequence(two) })).subject.attributes).toHaveLength(2)
  })

  test('a common name beyond 64 characters is read, as Linkerd sends it (Q52)', () => {
    const long = 'a'.repeat(200)
    expect(parseCsr(forge({ subject: subject([oids.commonName, long]) })).subject.commonName).toBe(long)
  })

  test('requested powers are shown, and nothing more', () => {
    const csr = parseCsr(
      forge({
        attributes: attributes(
          extensionRequest(
            extension(
              oids.basicConstraints,
              encodeBoolean(true),
              encodeOctetString(encodeSequence(encodeBoolean(true))),
            ),
            extension(oids.keyUsage, encodeOctetString(hex('03 02 01 06'))),
            subjectAltName(generalName(0x82, 'a')),
          ),
        ),
      }),
    )
    expect(csr.requestedExtensions).toEqual(['2.5.29.19', '2.5.29.15', '2.5.29.17'])
    expect(csr.dnsNames).toEqual(['a'])
  })

  test('attributes may be absent, empty, or others', () => {
    const password = encodeSequence(encodeOid(oids.challengePassword), encodeSet(encodeUtf8String('secret')))
    for (const some of [[], attributes(), attributes(password)]) {
      const csr = parseCsr(forge({ attributes: some }))
      expect(csr.requestedExtensions).toEqual([])
      expect(csr.uris).toEqual([])
    }
  })

  test.each(Object.entries(signers))('the %s key and its signature algorithm', (algorithm, signer) => {
    const csr = parseCsr(forge({}, signer))
    expect(csr.publicKey.algorithm).toBe(algorithm)
    expect(csr.publicKey.spki).toEqual(signer.key.spki)
    expect(csr.signatureAlgorithm).toBe(signer.signatureAlgorithm)
  })

  test('records are frozen, and der is a copy', () => {
    const der = forgeNames(generalName(0x82, 'a'))
    const csr = parseCsr(der)
    for (const it of [csr.subject, csr.subject.attributes, csr.dnsNames, csr.requestedExtensions]) {
      expect(Object.isFrozen(it)).toBe(true)
    }
    expect(csr.der).toEqual(der)
    csr.der.fill(0)
    expect(csr.der).toEqual(der)
    expect(csr.dnsNames).toBe(csr.dnsNames)
  })

  test('it is a ParsedCsr', () => expect(parseCsr(forge())).toBeInstanceOf(ParsedCsr))
})

describe('what is refused', () => {
  test('size is checked before anything else', () => {
    expect(refused(new Uint8Array(MAX_CSR_BYTES + 1))).toBe('CSR_TOO_LARGE')
    expect(refused(new Uint8Array(1_000_000).fill(0x30))).toBe('CSR_TOO_LARGE')
    const der = forge()
    expect(codeOf(() => parseCsr(der, { maxBytes: der.length - 1 }))).toBe('CSR_TOO_LARGE')
    expect(codeOf(() => parseCsr(der, { maxBytes: der.length }))).toBeUndefined()
  })

  test.each([
    ['nothing', hex('')],
    ['an empty SEQUENCE', hex('30 00')],
    ['trailing bytes', Uint8Array.of(...forge(), 0)],
    ['bytes after the signature', forge({ after: encodeNull() })],
    ['bytes after the attributes', forge({ afterAttributes: encodeNull() })],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, ...forge().subarray(4), 0, 0)],
    ['a long version', forge({ version: hex('02 02 00 00') })],
    ['attributes under another tag', forge({ attributes: [encodeExplicit(1)] })],
    ['attributes out of order', forge({ attributes: [encodeExplicit(0, twoAttributes(1), twoAttributes(0))] })],
    ['an attribute without a value', forge({ attributes: attributes(attribute(oids.challengePassword)) })],
    ['an attribute whose value is BER', forge({ attributes: attributes(attribute('1.2.3', hex('01 01 01'))) })],
    ['an extension request without a value', forge({ attributes: attributes(attribute(oids.extensionRequest)) })],
    ['no extensions in an extension request', forge({ attributes: attributes(extensionRequest()) })],
    ['critical FALSE', requesting(extension(oids.keyUsage, encodeBoolean(false), encodeOctetString(hex('03 01 00'))))],
    ['an extension without a value', requesting(extension(oids.keyUsage))],
    ['more than a value in an extension', requesting(extension(oids.keyUsage, encodeOctetString(), encodeNull()))],
    ['no alternative names', forgeNames()],
    ['a general name of another tag', forgeNames(generalName(0x89, 'a'))],
    ['a DNS name that is constructed', forgeNames(generalName(0xa2, 'a'))],
    ['an otherName of BER', forgeNames(generalName(0xa0, hex('01 01 01')))],
    [
      'bytes after the alternative names',
      requesting(extension(oids.subjectAltName, encodeOctetString(names(), hex('00')))),
    ],
    ['an empty RDN', forge({ subject: encodeSequence(encodeSet()) })],
    ['an RDN out of order', forge({ subject: encodeSequence(encodeElement(Tag.set, ...twoNames().toReversed())) })],
    ['a signature with unused bits', forge({ signature: encodeBitString(hex('fe'), { unusedBits: 1 }) })],
    ['an empty signature', forge({ signature: encodeBitString(hex('')) })],
    ['a signature that is no BIT STRING', forge({ signature: encodeOctetString(hex('00 01')) })],
  ])('%s is not one request in strict DER', (_name, der) => expect(refused(der)).toBe('CSR_MALFORMED'))

  test('a DerError is the cause, and its words are in the message', () => {
    try {
      parseCsr(Uint8Array.of(...forge(), 0))
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(CsrError)
      expect(error).toMatchObject({ name: 'CsrError', cause: { code: 'DER_TRAILING_BYTES' } })
      expect(String(error)).toContain('DER_TRAILING_BYTES')
    }
  })

  test.each([1, 2, 127, -1])('version %d', (version) => {
    expect(refused(forge({ version: encodeInteger(version) }))).toBe('CSR_VERSION_UNSUPPORTED')
  })

  test.each([
    ['NUL', encodeUtf8String('a\0b')],
    ['a line break', encodeUtf8String('a\nb')],
    ['DEL', encodeUtf8String('a\x7f')],
    ['a C1 control', encodeUtf8String('a\u0085')],
    ['a control in an IA5String', encodeIa5String('a\x1b')],
    ['a control in a BMPString', encodeElement(Tag.bmpString, hex('00 61 00 00'))],
    ['a control in a UniversalString', encodeElement(Tag.universalString, hex('00 00 00 07'))],
  ])('%s in the subject', (_name, value) => {
    expect(refused(forge({ subject: subject([oids.organizationName, value]) }))).toBe('CSR_SUBJECT_INVALID')
  })

  test.each([
    ['not a string', encodeInteger(5)],
    ['bad UTF-8', encodeElement(Tag.utf8String, hex('c3'))],
    ['* in a PrintableString', encodeElement(Tag.printableString, ascii('*'))],
  ])('%s in the subject', (_name, value) => {
    expect(refused(forge({ subject: subject([oids.commonName, value]) }))).toBe('CSR_MALFORMED')
  })

  test('two common names', () => {
    const two = subject([oids.commonName, 'a'], [oids.commonName, 'a'])
    expect(refused(forge({ subject: two }))).toBe('CSR_SUBJECT_INVALID')
  })

  test.each([
    ['a NUL in a DNS name', generalName(0x82, 'a.example\0.evil')],
    ['a line break in a URI', generalName(0x86, 'spiffe://a/b\n')],
    ['DEL in an e-mail address', generalName(0x81, 'a\x7f@b')],
    ['UTF-8 in a DNS name', generalName(0x82, 'é.example')],
    ['an empty DNS name', generalName(0x82, '')],
    ['an empty URI', generalName(0x86, '')],
    ['an IP address of 5 bytes', generalName(0x87, hex('0a 00 00 01 00'))],
    ['an IP address with a mask', generalName(0x87, hex('0a 00 00 00 ff 00 00 00'))],
  ])('%s', (_name, it) => expect(refused(forgeNames(it))).toBe('CSR_NAME_INVALID'))

  test('extensions that are requested twice over', () => {
    const one = extensionRequest(subjectAltName(generalName(0x82, 'a')))
    const other = extensionRequest(subjectAltName(generalName(0x82, 'b')))
    expect(refused(forge({ attributes: attributes(one, other) }))).toBe('CSR_DUPLICATE_EXTENSION_REQUEST')
    const twoValues = encodeSequence(
      encodeOid(oids.extensionRequest),
      encodeSet(
        encodeSequence(subjectAltName(generalName(0x82, 'a'))),
        encodeSequence(subjectAltName(generalName(0x82, 'b'))),
      ),
    )
    expect(refused(forge({ attributes: attributes(twoValues) }))).toBe('CSR_DUPLICATE_EXTENSION_REQUEST')
  })

  test('an extension that is requested twice, known or not, even if both are the same', () => {
    const known = subjectAltName(generalName(0x82, 'a'))
    const unknown = extension('1.2.3', encodeOctetString())
    expect(refused(requesting(known, known))).toBe('CSR_DUPLICATE_EXTENSION')
    expect(refused(requesting(unknown, known, unknown))).toBe('CSR_DUPLICATE_EXTENSION')
    expect(refused(requesting(unknown, known, extension('1.2.3.4', encodeOctetString())))).toBeUndefined()
  })

  test('too many extensions', () => {
    const many = (count: number) =>
      requesting(...Array.from({ length: count }, (_, index) => extension(`1.2.${index}`, encodeOctetString())))
    expect(refused(many(MAX_CSR_EXTENSIONS))).toBeUndefined()
    expect(refused(many(MAX_CSR_EXTENSIONS + 1))).toBe('CSR_TOO_MANY_EXTENSIONS')
  })
})

describe('keys and signature algorithms (Q8, Q9)', () => {
  const ecKey = (curve: string, point: Uint8Array) =>
    encodeSequence(encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(curve)), encodeBitString(point))
  const point = (length: number) => Uint8Array.of(4, ...new Uint8Array(length * 2).fill(7))
  const modulus = new Uint8Array(256).fill(0xa5)
  const rsaKey = encodeSequence(
    encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()),
    encodeBitString(encodeSequence(encodeInteger(modulus), encodeInteger(65_537))),
  )

  test.each([
    ['P-224', ecKey(oids.secp224r1, point(28)), oids.secp224r1],
    ['P-521', ecKey(oids.secp521r1, point(66)), oids.secp521r1],
    ['secp256k1', ecKey(oids.secp256k1, point(32)), oids.secp256k1],
    ['RSA', rsaKey, 'RSA'],
    [
      'X25519',
      encodeSequence(encodeSequence(encodeOid(oids.x25519)), encodeBitString(new Uint8Array(32))),
      oids.x25519,
    ],
  ])('%s has a code of its own, and says what it is', (_name, spki, found) => {
    try {
      parseCsr(forge({ spki }))
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'CSR_UNSUPPORTED_KEY', detail: { found } })
    }
  })

  test.each([
    ['a compressed point', ecKey(oids.prime256v1, Uint8Array.of(2, ...new Uint8Array(32)))],
    ['a point that is too short', ecKey(oids.prime256v1, point(31))],
    ['no key', encodeSequence()],
  ])('%s', (_name, spki) => expect(refused(forge({ spki }))).toBe('CSR_PUBLIC_KEY_INVALID'))

  test.each([
    ['ecdsa-with-SHA1', encodeSequence(encodeOid(oids.ecdsaWithSha1))],
    ['RSASSA-PSS', encodeSequence(encodeOid(oids.rsassaPss))],
    ['ECDSA with parameters', encodeSequence(encodeOid(oids.ecdsaWithSha256), encodeNull())],
  ])('a signature by %s', (_name, signatureAlgorithm) => {
    expect(refused(forge({ signatureAlgorithm }))).toBe('CSR_UNSUPPORTED_SIGNATURE_ALGORITHM')
  })

  test.each(['ed25519', 'rsa-sha256'] as const)('a signature by %s for a P-256 key', (it) => {
    const signatureAlgorithm = encodeSignatureAlgorithm(it)
    expect(refused(forge({ signatureAlgorithm }))).toBe('CSR_SIGNATURE_ALGORITHM_MISMATCH')
  })

  test('a signature by ECDSA for an Ed25519 key', () => {
    const signatureAlgorithm = encodeSignatureAlgorithm('ecdsa-sha256')
    expect(codeOf(() => parseCsr(forge({ signatureAlgorithm }, signers.Ed25519)))).toBe(
      'CSR_SIGNATURE_ALGORITHM_MISMATCH',
    )
  })
})

function requesting(...extensions: readonly Uint8Array[]): Uint8Array {
  return forge({ attributes: attributes(extensionRequest(...extensions)) })
}

function attribute(oid: string, ...values: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeSet(...values))
}

function twoAttributes(value: number): Uint8Array {
  return attribute(`1.2.${value}`, encodeInteger(value))
}

function names(): Uint8Array {
  return encodeSequence(generalName(0x82, 'a'))
}

function twoNames(): Uint8Array[] {
  return [
    encodeSequence(encodeOid(oids.commonName), encodeUtf8String('a')),
    encodeSequence(encodeOid(oids.organizationName), encodeUtf8String('b')),
  ]
}
