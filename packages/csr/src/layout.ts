import { DerError, DerReader, Tag } from '@meshid/der'
import {
  checkSignatureAlgorithm,
  encodeSignatureAlgorithm,
  KeysError,
  parseSignatureAlgorithm,
  readPublicKey,
  signatureAlgorithmFor,
} from '@meshid/keys'
import type { KeyAlgorithm, PublicKey, SignatureAlgorithm } from '@meshid/keys'
import { CsrError } from './errors.ts'
import { type CsrKeyAlgorithm, csrKeyAlgorithms, isCsrKeyAlgorithm } from './key-algorithms.ts'
import { csrErrorOf } from './keys-refusal.ts'
import { checkAttributes, type ExtensionOffsets } from './requested-extensions.ts'
import { checkSubject } from './subject.ts'

/** Where everything stands in a request whose bytes were checked. */
export interface CsrLayout {
  readonly bytes: Uint8Array
  /** The CertificationRequestInfo, which is what the signature covers. */
  readonly infoStart: number
  readonly infoEnd: number
  readonly subjectStart: number
  readonly publicKey: PublicKey
  readonly offsets: ExtensionOffsets
  readonly signatureAlgorithm: SignatureAlgorithm
  /** The octets of the signature reach to the end of the bytes. */
  readonly signatureStart: number
}

/** Reads the one request that the bytes must be, in place; every rule but the signature is checked here. */
export function readLayout(bytes: Uint8Array): CsrLayout {
  try {
    return read(bytes)
  } catch (error) {
    if (error instanceof DerError) throw malformed(error)
    throw error
  }
}

function malformed(cause: DerError): CsrError {
  return new CsrError(
    'CSR_MALFORMED',
    { expected: 'one PKCS#10 request in strict DER', found: cause.message },
    { cause },
  )
}

function read(bytes: Uint8Array): CsrLayout {
  const reader = new DerReader(bytes)
  reader.enter(Tag.sequence)
  const infoStart = reader.offset
  reader.enter(Tag.sequence)
  checkVersion(reader)
  const subjectStart = reader.offset
  checkSubject(reader)
  const publicKey = readKey(reader)
  const keyAlgorithm = checkKeyAlgorithm(publicKey.algorithm)
  const offsets = checkAttributes(reader)
  reader.leave()
  const infoEnd = reader.offset
  const signatureAlgorithm = readSignatureAlgorithm(reader, keyAlgorithm)
  const signatureStart = readSignatureStart(reader)
  reader.leave()
  reader.end()
  return { bytes, infoStart, infoEnd, subjectStart, publicKey, offsets, signatureAlgorithm, signatureStart }
}

function checkVersion(reader: DerReader): void {
  const version = reader.readSmallInteger()
  if (version !== 0) throw new CsrError('CSR_VERSION_UNSUPPORTED', { expected: 'version 0', found: `${version}` })
}

function readKey(reader: DerReader): PublicKey {
  try {
    return readPublicKey(reader)
  } catch (error) {
    throw csrErrorOf(error)
  }
}

function checkKeyAlgorithm(algorithm: KeyAlgorithm): CsrKeyAlgorithm {
  if (isCsrKeyAlgorithm(algorithm)) return algorithm
  throw new CsrError('CSR_UNSUPPORTED_KEY', { expected: csrKeyAlgorithms.join(', '), found: algorithm })
}

/** The signature algorithm that most requests for a kind of key have, so that one comparison tells it. */
const usualAlgorithms = /* @__PURE__ */ Object.freeze({
  'P-256': usual('P-256'),
  'P-384': usual('P-384'),
  Ed25519: usual('Ed25519'),
})

function usual(keyAlgorithm: CsrKeyAlgorithm): { readonly name: SignatureAlgorithm; readonly der: Uint8Array } {
  const name = signatureAlgorithmFor(keyAlgorithm)
  return { name, der: encodeSignatureAlgorithm(name) }
}

function readSignatureAlgorithm(reader: DerReader, keyAlgorithm: CsrKeyAlgorithm): SignatureAlgorithm {
  reader.next(Tag.sequence)
  const { name, der } = usualAlgorithms[keyAlgorithm]
  if (reader.elementEquals(der)) return name
  try {
    const signatureAlgorithm = parseSignatureAlgorithm(reader.element())
    checkSignatureAlgorithm(keyAlgorithm, signatureAlgorithm)
    return signatureAlgorithm
  } catch (error) {
    if (!(error instanceof KeysError) || error.code !== 'KEYS_UNSUPPORTED_ALGORITHM') throw csrErrorOf(error)
    throw new CsrError('CSR_UNSUPPORTED_SIGNATURE_ALGORITHM', error.detail, { cause: error })
  }
}

function readSignatureStart(reader: DerReader): number {
  reader.next(Tag.bitString)
  const { bytes, contentStart, contentEnd } = reader
  if (contentEnd - contentStart < 2 || bytes[contentStart] !== 0) {
    throw new CsrError('CSR_MALFORMED', { expected: 'a signature of whole octets', found: 'another BIT STRING' })
  }
  return contentStart + 1
}
