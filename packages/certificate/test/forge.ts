import {
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import {
  createNobleSigner,
  encodeSignatureAlgorithm,
  generatePrivateKey,
  keyIdentifier,
  type KeyAlgorithm,
  type LocalSigner,
} from '@meshid/keys'
import { type Certificate, parseCertificate } from '@meshid/certificate'

/** The instant that tests call now. */
export const now: Date = new Date('2026-11-21T12:00:00Z')

const HOUR_MS = 3_600_000

/** An instant some hours from {@link now}. */
export function hours(count: number): Date {
  return new Date(now.getTime() + count * HOUR_MS)
}

/** A new key; the same number gives the same key. */
export function key(seed: number, algorithm: Exclude<KeyAlgorithm, 'RSA'> = 'P-256'): LocalSigner {
  let state = seed
  const random = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16)
  return createNobleSigner(generatePrivateKey(algorithm, { random }))
}

/** A name of one common name; the empty name without one. */
export function name(commonName?: string): Uint8Array {
  if (commonName === undefined) return encodeSequence()
  return encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
}

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value))
}

export function basicConstraints(ca: boolean, pathLength?: number): Uint8Array {
  const value = encodeSequence(
    ...(ca ? [encodeBoolean(true)] : []),
    ...(pathLength === undefined ? [] : [encodeInteger(pathLength)]),
  )
  return extension(oids.basicConstraints, value, true)
}

/** Bits of RFC 5280 section 4.2.1.3. */
export const usage = { digitalSignature: 1, keyEncipherment: 4, keyCertSign: 32, crlSign: 64 } as const

export function keyUsage(bits: number, critical = true): Uint8Array {
  return extension(oids.keyUsage, encodeNamedBits(bits), critical)
}

export function extendedKeyUsage(...purposes: readonly string[]): Uint8Array {
  return extension(oids.extendedKeyUsage, encodeSequence(...purposes.map((purpose) => encodeOid(purpose))))
}

/** GeneralNames by their context tag numbers. */
export function generalName(number: 1 | 2 | 6 | 7, value: string | Uint8Array): Uint8Array {
  return encodeElement(0x80 | number, typeof value === 'string' ? new TextEncoder().encode(value) : value)
}

export function subjectAltName(names: readonly Uint8Array[], critical = false): Uint8Array {
  return extension(oids.subjectAltName, encodeSequence(...names), critical)
}

export function uriName(...uris: readonly string[]): Uint8Array {
  return subjectAltName(
    uris.map((uri) => generalName(6, uri)),
    true,
  )
}

export function subjectKeyIdentifier(id: Uint8Array, critical = false): Uint8Array {
  return extension(oids.subjectKeyIdentifier, encodeOctetString(id), critical)
}

export function authorityKeyIdentifier(id: Uint8Array, critical = false): Uint8Array {
  return extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x80, id)), critical)
}

/** Subtrees by the tag numbers of their names; a name that is no text is the whole content of the element. */
export interface ForgedConstraints {
  readonly permitted?: readonly Uint8Array[]
  readonly excluded?: readonly Uint8Array[]
  readonly critical?: boolean
}

export function nameConstraints({ permitted, excluded, critical = true }: ForgedConstraints): Uint8Array {
  const subtrees = (number: number, names: readonly Uint8Array[] | undefined): readonly Uint8Array[] =>
    names === undefined ? [] : [encodeElement(0xa0 | number, concatenated(names.map((base) => encodeSequence(base))))]
  return extension(oids.nameConstraints, encodeSequence(...subtrees(0, permitted), ...subtrees(1, excluded)), critical)
}

/** A directory name as a GeneralName. */
export function directoryName(dn: Uint8Array): Uint8Array {
  return encodeElement(0xa4, dn)
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** The parts of a certificate that a test may want otherwise; each has a good default. */
export interface Forgery {
  /** The `[0]` element; none at all for version 1. */
  readonly version?: Uint8Array
  readonly serialNumber?: Uint8Array
  readonly innerAlgorithm?: Uint8Array
  readonly outerAlgorithm?: Uint8Array
  readonly issuer?: Uint8Array
  readonly validity?: Uint8Array
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly subject?: Uint8Array
  /** The subject's key. */
  readonly key?: LocalSigner
  readonly spki?: Uint8Array
  /** What stands between the key and the extensions. */
  readonly uniqueIdentifiers?: Uint8Array
  readonly extensions?: readonly Uint8Array[]
  /** The `[3]` element as a whole. */
  readonly extensionsElement?: Uint8Array
  /** The issuer's key. */
  readonly signer?: LocalSigner
  readonly signature?: Uint8Array
}

const subjectKey = key(1)
const issuerKey = key(2)

/** The DER of a certificate in which anything may be wrong, but which is signed. */
export function forge(forgery: Forgery = {}): Uint8Array {
  const signer = forgery.signer ?? issuerKey
  const algorithm = encodeSignatureAlgorithm(signer.signatureAlgorithm)
  const extensions = forgery.extensions ?? []
  const tbs = encodeSequence(
    forgery.version ?? encodeExplicit(0, encodeInteger(2)),
    forgery.serialNumber ?? encodeInteger(0x1234),
    forgery.innerAlgorithm ?? algorithm,
    forgery.issuer ?? name('issuer'),
    forgery.validity ??
      encodeSequence(encodeTime(forgery.notBefore ?? hours(-1)), encodeTime(forgery.notAfter ?? hours(24))),
    forgery.subject ?? name('subject'),
    forgery.spki ?? (forgery.key ?? subjectKey).key.spki,
    forgery.uniqueIdentifiers ?? new Uint8Array(),
    forgery.extensionsElement ??
      (extensions.length === 0 ? new Uint8Array() : encodeExplicit(3, encodeSequence(...extensions))),
  )
  return encodeSequence(
    tbs,
    forgery.outerAlgorithm ?? forgery.innerAlgorithm ?? algorithm,
    forgery.signature ?? encodeBitString(signer.sign(tbs)),
  )
}

/** One link of a chain. */
export interface Link {
  readonly certificate: Certificate
  readonly key: LocalSigner
}

/** What a link may have otherwise. */
export interface LinkOptions {
  /** Its signer; itself by default. */
  readonly by?: Link
  readonly key?: LocalSigner
  readonly pathLength?: number
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** In place of the usual ones. */
  readonly extensions?: readonly Uint8Array[]
  /** Beside the usual ones. */
  readonly more?: readonly Uint8Array[]
}

/** A CA certificate. */
export function authority(commonName: string, options: LinkOptions = {}): Link {
  const own = options.key ?? key(new TextEncoder().encode(commonName).reduce((seed, octet) => seed * 31 + octet, 7))
  const usual = [basicConstraints(true, options.pathLength), keyUsage(usage.keyCertSign | usage.crlSign)]
  return link(name(commonName), own, usual, options)
}

/** A leaf certificate with one SPIFFE ID and an empty subject. */
export function leaf(uri: string, options: LinkOptions = {}): Link {
  const own = options.key ?? subjectKey
  const usual = [
    basicConstraints(false),
    keyUsage(usage.digitalSignature),
    extendedKeyUsage(oids.serverAuth, oids.clientAuth),
    uriName(uri),
  ]
  return link(name(), own, usual, options)
}

function link(subject: Uint8Array, own: LocalSigner, usual: readonly Uint8Array[], options: LinkOptions): Link {
  const by = options.by
  const signerKey = by === undefined ? own : by.key
  const identifiers = [
    subjectKeyIdentifier(keyIdentifier(own.key.publicKey)),
    authorityKeyIdentifier(keyIdentifier(signerKey.key.publicKey)),
  ]
  const der = forge({
    subject,
    key: own,
    issuer: by === undefined ? subject : by.certificate.subject.bytes,
    signer: signerKey,
    notBefore: options.notBefore ?? hours(-1),
    notAfter: options.notAfter ?? hours(24),
    extensions: [...(options.extensions ?? [...usual, ...identifiers]), ...(options.more ?? [])],
  })
  return { certificate: parseCertificate(der), key: own }
}
