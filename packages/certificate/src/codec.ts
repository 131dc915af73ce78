import { encodeInteger, encodeNamedBits, encodePrintableString, encodeTime, encodeUtf8String, oids } from '@meshid/der'
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '@meshid/keys'
import * as asn1js from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  Extensions,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  RelativeDistinguishedNames,
} from 'pkijs'
import type { CertificateTemplate, TemplateExtendedKeyUsage, TemplateKeyUsage } from './issue/certificate-template.ts'

/** Everything that the signed part of a certificate is made of. */
export interface CertificateRecord {
  readonly template: CertificateTemplate
  /** Unsigned, big-endian. */
  readonly serialNumber: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  /** The DER of the issuer's name. */
  readonly issuer: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly spki: Uint8Array
  readonly subjectKeyIdentifier: Uint8Array
  /** `undefined` for a root. */
  readonly authorityKeyIdentifier: Uint8Array | undefined
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
}

const usageBit: Readonly<Record<TemplateKeyUsage, number>> = {
  digitalSignature: 1 << 0,
  keyCertSign: 1 << 5,
  crlSign: 1 << 6,
}

const purposeOid: Readonly<Record<TemplateExtendedKeyUsage, string>> = {
  serverAuth: oids.serverAuth,
  clientAuth: oids.clientAuth,
}

/** The DER of a name with one common name, or of the empty name; PrintableString where its alphabet allows. */
export function encodeName(commonName: string | undefined): Uint8Array {
  return toDer(nameSchema(commonName))
}

/** The DER of a TBSCertificate, version 3. @see RFC 5280 section 4.1 */
export function encodeTbsCertificate(record: CertificateRecord): Uint8Array {
  const version = new asn1js.Integer({ value: 2 })
  return toDer(
    new asn1js.Sequence({
      value: [
        new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [version] }),
        fromDer(encodeInteger(record.serialNumber)),
        fromDer(encodeSignatureAlgorithm(record.signatureAlgorithm)),
        fromDer(record.issuer),
        new asn1js.Sequence({ value: [fromDer(encodeTime(record.notBefore)), fromDer(encodeTime(record.notAfter))] }),
        nameSchema(record.template.commonName),
        fromDer(record.spki),
        new asn1js.Constructed({
          idBlock: { tagClass: 3, tagNumber: 3 },
          value: [new Extensions({ extensions: extensionsOf(record) }).toSchema()],
        }),
      ],
    }),
  )
}

function nameSchema(commonName: string | undefined): asn1js.Sequence {
  if (commonName === undefined) return new asn1js.Sequence({ value: [] })
  const attribute = new AttributeTypeAndValue({ type: oids.commonName })
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]+$/.test(commonName)
  const value = fromDer(isPrintable ? encodePrintableString(commonName) : encodeUtf8String(commonName))
  attribute.value = value as asn1js.Utf8String
  return new RelativeDistinguishedNames({ typesAndValues: [attribute] }).toSchema()
}

function extensionsOf(record: CertificateRecord): Extension[] {
  const { template, subjectKeyIdentifier, authorityKeyIdentifier } = record
  const all = [keyUsage(template)]
  if (template.extendedKeyUsages.length > 0) all.push(extendedKeyUsage(template))
  all.push(basicConstraints(template))
  const ski = new asn1js.OctetString({ valueHex: subjectKeyIdentifier })
  all.push(extension(oids.subjectKeyIdentifier, false, ski))
  if (authorityKeyIdentifier !== undefined) all.push(authorityExtension(authorityKeyIdentifier))
  if (record.dnsNames.length + record.uris.length > 0) all.push(namesExtension(record))
  return all
}

function keyUsage({ keyUsages }: CertificateTemplate): Extension {
  const mask = keyUsages.reduce((bits, usage) => bits | usageBit[usage], 0)
  return extension(oids.keyUsage, true, fromDer(encodeNamedBits(mask)))
}

function extendedKeyUsage({ extendedKeyUsages }: CertificateTemplate): Extension {
  const keyPurposes = extendedKeyUsages.map((purpose) => purposeOid[purpose])
  return extension(oids.extendedKeyUsage, false, new ExtKeyUsage({ keyPurposes }).toSchema())
}

function basicConstraints({ ca, pathLength }: CertificateTemplate): Extension {
  const limit = pathLength === undefined ? {} : { pathLenConstraint: pathLength }
  return extension(oids.basicConstraints, true, new BasicConstraints({ cA: ca, ...limit }).toSchema())
}

function authorityExtension(keyIdentifier: Uint8Array): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: keyIdentifier }) })
  return extension(oids.authorityKeyIdentifier, false, value.toSchema())
}

function namesExtension({ template, dnsNames, uris }: CertificateRecord): Extension {
  const names = [
    ...dnsNames.map((value) => new GeneralName({ type: 2, value })),
    ...uris.map((value) => new GeneralName({ type: 6, value })),
  ]
  return extension(oids.subjectAltName, template.commonName === undefined, new GeneralNames({ names }).toSchema())
}

function extension(extnID: string, critical: boolean, value: asn1js.BaseBlock): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER() })
}

function toDer(block: asn1js.BaseBlock): Uint8Array {
  return new Uint8Array(block.toBER())
}

/** A block that encodes to exactly the given bytes, which are one element of strict DER. */
function fromDer(der: Uint8Array): asn1js.AsnType {
  return asn1js.fromBER(der).result
}
