import { contextTag, DerError, DerReader, oids, Tag } from '@meshid/der'
import {
  KeysError,
  parseSignatureAlgorithm,
  type PublicKey,
  readPublicKey,
  type SignatureAlgorithm,
} from '@meshid/keys'
import { type Certificate, type CertificateFields, createCertificate } from './certificate.ts'
import { type DistinguishedName, readDistinguishedName } from './distinguished-name.ts'
import { CertificateError } from '../errors.ts'
import { emptyExtensions, readExtensions, type ReadExtensions } from './extensions.ts'
import { MAX_CERTIFICATE_BYTES, MAX_SERIAL_NUMBER_BYTES } from '../limits.ts'

const VERSION_3 = 2

/** Options of {@link parseCertificate}. */
export interface ParseCertificateOptions {
  /** Most bytes of the certificate; {@link MAX_CERTIFICATE_BYTES} by default. */
  readonly maxBytes?: number
}

/**
 * Reads one certificate from strict DER: version 3, serial number of at most 20 octets and not negative, equal inner and outer
 * algorithms, each extension once and well-formed, nothing after the end.
 *
 * The signature is not checked here, nor times, nor who issued it; see `verifyChain`. The bytes are copied once.
 *
 * @throws CertificateError CERT_TOO_LARGE, CERT_DER_INVALID, CERT_VERSION_UNSUPPORTED, CERT_SERIAL_NUMBER_INVALID,
 *   CERT_ALGORITHM_MISMATCH, CERT_UNSUPPORTED_ALGORITHM, CERT_PUBLIC_KEY_INVALID, CERT_NAME_INVALID,
 *   CERT_VALIDITY_INVALID, CERT_EXTENSION_DUPLICATE, CERT_EXTENSION_INVALID, CERT_EXTENSIONS_TOO_MANY
 * @see RFC 5280 section 4.1
 */
export function parseCertificate(der: Uint8Array, options: ParseCertificateOptions = {}): Certificate {
  if (!(der instanceof Uint8Array)) throw new TypeError('certificate: expected a Uint8Array of DER')
  const limit = options.maxBytes ?? MAX_CERTIFICATE_BYTES
  if (der.length > limit) {
    throw new CertificateError('CERT_TOO_LARGE', `certificate: expected at most ${limit} bytes, found ${der.length}`, {
      detail: { found: der.length, limit },
    })
  }
  try {
    return readCertificate(new DerReader(new Uint8Array(der), { maxBytes: limit }))
  } catch (cause) {
    throw cause instanceof DerError
      ? new CertificateError('CERT_DER_INVALID', `certificate: ${cause.message}`, {
          detail: { ...cause.detail, der: cause.code },
          cause,
        })
      : cause
  }
}

function readCertificate(reader: DerReader): Certificate {
  reader.enter(Tag.sequence)
  const tbsStart = reader.offset
  reader.enter(Tag.sequence)
  readVersion(reader)
  const serialNumberBytes = readSerialNumber(reader)
  reader.next(Tag.sequence)
  const innerAlgorithm = reader.element()
  const issuer = readIssuer(reader)
  const validity = readValidity(reader)
  const subject = readDistinguishedName(reader)
  const publicKey = readSubjectPublicKey(reader)
  const { known, extensions, unknownCritical } = readOptionalExtensions(reader)
  reader.leave()
  const tbs = reader.bytes.subarray(tbsStart, reader.offset)
  reader.next(Tag.sequence)
  if (!reader.elementEquals(innerAlgorithm)) {
    throw new CertificateError(
      'CERT_ALGORITHM_MISMATCH',
      'signature algorithm: expected the same inside and outside of the signed part, found two',
    )
  }
  const signature = readSignature(reader)
  reader.leave()
  reader.end()
  return createCertificate({
    der: reader.bytes,
    tbs,
    serialNumberBytes,
    ...readSignatureAlgorithm(innerAlgorithm),
    signature,
    issuer,
    subject,
    ...validity,
    publicKey,
    ...known,
    extensions,
    unknownCriticalExtensions: unknownCritical,
  })
}

function readVersion(reader: DerReader): void {
  const tag = contextTag(0, { constructed: true })
  let version = 0
  if (reader.peek() === tag) {
    reader.enter(tag)
    version = reader.readSmallInteger()
    reader.leave()
  }
  if (version === VERSION_3) return
  throw new CertificateError('CERT_VERSION_UNSUPPORTED', `version: expected 3, found ${version + 1}`, {
    detail: { expected: 3, found: version + 1 },
  })
}

/** Zero is left to the verification of chains, because some roots of old have it. */
function readSerialNumber(reader: DerReader): Uint8Array {
  const bytes = reader.readInteger()
  const first = bytes[0] ?? 0
  const found =
    first >= 0x80 ? 'a negative number' : bytes.length > MAX_SERIAL_NUMBER_BYTES ? `${bytes.length} octets` : undefined
  if (found === undefined) return bytes
  const expected = `a number from 0 of at most ${MAX_SERIAL_NUMBER_BYTES} octets`
  throw new CertificateError('CERT_SERIAL_NUMBER_INVALID', `serial number: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}

function readIssuer(reader: DerReader): DistinguishedName {
  const issuer = readDistinguishedName(reader)
  if (issuer.isEmpty) throw new CertificateError('CERT_NAME_INVALID', 'issuer: expected a name, found an empty one')
  return issuer
}

function readValidity(reader: DerReader): { readonly notBefore: Date; readonly notAfter: Date } {
  reader.enter(Tag.sequence)
  const notBefore = reader.readTime()
  const notAfter = reader.readTime()
  reader.leave()
  if (notBefore <= notAfter) return { notBefore, notAfter }
  const detail = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() }
  throw new CertificateError(
    'CERT_VALIDITY_INVALID',
    `validity: expected notAfter from ${detail.notBefore} on, found ${detail.notAfter}`,
    { detail },
  )
}

/** Only the key must be one that is supported; the signature counts when a chain is verified. */
function readSubjectPublicKey(reader: DerReader): PublicKey {
  try {
    return readPublicKey(reader)
  } catch (cause) {
    if (!(cause instanceof KeysError)) throw cause
    const isUnsupported = cause.code === 'KEYS_UNSUPPORTED_ALGORITHM'
    const code = isUnsupported ? 'CERT_UNSUPPORTED_ALGORITHM' : 'CERT_PUBLIC_KEY_INVALID'
    throw new CertificateError(code, `certificate: ${cause.message}`, { detail: { ...cause.detail }, cause })
  }
}

type SignatureAlgorithmFields = Pick<CertificateFields, 'signatureAlgorithm' | 'signatureAlgorithmOid'>

/** So that no text is built for the usual algorithms. */
const algorithmOids: Readonly<Record<SignatureAlgorithm, string>> = {
  'ecdsa-sha256': oids.ecdsaWithSha256,
  'ecdsa-sha384': oids.ecdsaWithSha384,
  'ecdsa-sha512': oids.ecdsaWithSha512,
  ed25519: oids.ed25519,
  'rsa-sha256': oids.sha256WithRsaEncryption,
  'rsa-sha384': oids.sha384WithRsaEncryption,
  'rsa-sha512': oids.sha512WithRsaEncryption,
}

function readSignatureAlgorithm(element: Uint8Array): SignatureAlgorithmFields {
  try {
    const signatureAlgorithm = parseSignatureAlgorithm(element)
    return { signatureAlgorithm, signatureAlgorithmOid: algorithmOids[signatureAlgorithm] }
  } catch (error) {
    if (!(error instanceof KeysError)) throw error
    return { signatureAlgorithm: undefined, signatureAlgorithmOid: readAlgorithmOid(element) }
  }
}

function readAlgorithmOid(element: Uint8Array): string {
  const reader = new DerReader(element)
  reader.enter(Tag.sequence)
  const oid = reader.readOid()
  if (!reader.done) reader.skip()
  reader.leave()
  return oid
}

/** The unique identifiers of version 2 are refused: no CA may set them (RFC 5280 section 4.1.2.8). */
function readOptionalExtensions(reader: DerReader): ReadExtensions {
  if (reader.done)
    return { known: emptyExtensions(), extensions: Object.freeze([]), unknownCritical: Object.freeze([]) }
  reader.enter(contextTag(3, { constructed: true }))
  const read = readExtensions(reader)
  reader.leave()
  return read
}

function readSignature(reader: DerReader): Uint8Array {
  const { unusedBits, bytes } = reader.readBitString()
  if (unusedBits === 0) return bytes
  throw new DerError('DER_BIT_STRING_INVALID', {
    offset: reader.contentStart,
    expected: 'a signature of whole octets',
    found: `${unusedBits} unused bits`,
  })
}
