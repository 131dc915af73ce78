import type { PublicKey, SignatureAlgorithm } from '@meshid/keys'
import type { DistinguishedName } from './distinguished-name.ts'
import { bytesToHex } from '../hex.ts'
import type { NameConstraints } from './name-constraints.ts'
import type { SubjectAltNames } from './subject-alt-names.ts'

export type { DistinguishedName, NameAttribute } from './distinguished-name.ts'
export type { NameConstraint, NameConstraints } from './name-constraints.ts'
export type { SubjectAltNames } from './subject-alt-names.ts'

/** Whether the key may sign certificates, and how many CAs may stand below it (RFC 5280 section 4.2.1.9). */
export interface BasicConstraints {
  readonly critical: boolean
  readonly ca: boolean
  /** How many intermediate CAs may follow; `undefined` is no limit. */
  readonly pathLength: number | undefined
}

/** What the key may be used for, one boolean a bit (RFC 5280 section 4.2.1.3). */
export interface KeyUsage {
  readonly critical: boolean
  readonly digitalSignature: boolean
  readonly contentCommitment: boolean
  readonly keyEncipherment: boolean
  readonly dataEncipherment: boolean
  readonly keyAgreement: boolean
  readonly keyCertSign: boolean
  readonly crlSign: boolean
  readonly encipherOnly: boolean
  readonly decipherOnly: boolean
}

/** What the certificate may be used for (RFC 5280 section 4.2.1.12). */
export interface ExtendedKeyUsage {
  readonly critical: boolean
  /** Names for the usual purposes (`serverAuth`, `clientAuth`, `anyExtendedKeyUsage` …), dotted OIDs for the others. */
  readonly purposes: readonly string[]
}

/** What a CA demands of the policies of a path: after how many more certificates (RFC 5280 section 4.2.1.11). */
export interface PolicyConstraints {
  readonly critical: boolean
  readonly requireExplicitPolicy: number | undefined
  readonly inhibitPolicyMapping: number | undefined
}

/** One extension as it stands in the certificate. */
export interface CertificateExtension {
  /** Dotted OID. */
  readonly oid: string
  readonly critical: boolean
  /** The DER inside the OCTET STRING; a view into the certificate's own bytes. */
  readonly value: Uint8Array
}

/** The extensions that are read; `undefined` means that the certificate does not have the extension. */
export interface KnownExtensions {
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: KeyUsage | undefined
  readonly extendedKeyUsage: ExtendedKeyUsage | undefined
  readonly subjectAltNames: SubjectAltNames | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  /** The keyIdentifier of the authority key identifier. */
  readonly authorityKeyIdentifier: Uint8Array | undefined
  /** Of CAs only. */
  readonly nameConstraints: NameConstraints | undefined
  readonly policyConstraints: PolicyConstraints | undefined
}

/** Everything that {@link Certificate} holds. */
export interface CertificateFields extends KnownExtensions {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly serialNumberBytes: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  readonly signatureAlgorithmOid: string
  readonly signature: Uint8Array
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: PublicKey
  readonly extensions: readonly CertificateExtension[]
  readonly unknownCriticalExtensions: readonly string[]
}

/** Makes a certificate of what was read; the package does not export it. */
export let createCertificate: (fields: CertificateFields) => Certificate

/**
 * A well-formed X.509 version 3 certificate, made only by `parseCertificate`. Nothing about it is trusted: its signature,
 * times and issuer are not checked; see `verifyChain`. Byte fields are views into `der`, which must not be written to.
 *
 * @see RFC 5280 section 4.1
 */
export class Certificate implements CertificateFields {
  /** Private, so that the type is nominal: a record that merely looks like a certificate is not one. */
  readonly #der: Uint8Array
  /** The signed part. */
  readonly tbs: Uint8Array
  /** The contents of the serial number's INTEGER, 1 to 20 octets; zero only in roots of old. */
  readonly serialNumberBytes: Uint8Array
  /** `undefined` when it is not supported (SHA-1, for example): no chain through this signature verifies. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  /** Dotted OID of the signature algorithm. */
  readonly signatureAlgorithmOid: string
  /** In X.509 form: DER for ECDSA. */
  readonly signature: Uint8Array
  readonly issuer: DistinguishedName
  readonly subject: DistinguishedName
  /** The first instant of validity, inclusive. */
  readonly notBefore: Date
  /** The last instant of validity, inclusive. */
  readonly notAfter: Date
  readonly publicKey: PublicKey
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: KeyUsage | undefined
  readonly extendedKeyUsage: ExtendedKeyUsage | undefined
  readonly subjectAltNames: SubjectAltNames | undefined
  readonly subjectKeyIdentifier: Uint8Array | undefined
  readonly authorityKeyIdentifier: Uint8Array | undefined
  readonly nameConstraints: NameConstraints | undefined
  readonly policyConstraints: PolicyConstraints | undefined
  /** Every extension, in the certificate's order. */
  readonly extensions: readonly CertificateExtension[]
  /** The OIDs of critical extensions that this package does not process. */
  readonly unknownCriticalExtensions: readonly string[]

  private constructor(fields: CertificateFields) {
    this.#der = fields.der
    this.tbs = fields.tbs
    this.serialNumberBytes = fields.serialNumberBytes
    this.signatureAlgorithm = fields.signatureAlgorithm
    this.signatureAlgorithmOid = fields.signatureAlgorithmOid
    this.signature = fields.signature
    this.issuer = fields.issuer
    this.subject = fields.subject
    this.notBefore = fields.notBefore
    this.notAfter = fields.notAfter
    this.publicKey = fields.publicKey
    this.basicConstraints = fields.basicConstraints
    this.keyUsage = fields.keyUsage
    this.extendedKeyUsage = fields.extendedKeyUsage
    this.subjectAltNames = fields.subjectAltNames
    this.subjectKeyIdentifier = fields.subjectKeyIdentifier
    this.authorityKeyIdentifier = fields.authorityKeyIdentifier
    this.nameConstraints = fields.nameConstraints
    this.policyConstraints = fields.policyConstraints
    this.extensions = fields.extensions
    this.unknownCriticalExtensions = fields.unknownCriticalExtensions
    Object.freeze(this)
  }

  static {
    createCertificate = (fields) => new Certificate(fields)
  }

  /** The whole certificate. */
  get der(): Uint8Array {
    return this.#der
  }

  /** The serial number in lower-case hexadecimal, without the sign octet. */
  get serialNumber(): string {
    const hex = bytesToHex(this.serialNumberBytes)
    return hex.length > 2 && hex.startsWith('00') ? hex.slice(2) : hex
  }
}
