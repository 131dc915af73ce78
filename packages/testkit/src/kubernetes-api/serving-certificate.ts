import { randomBytes } from 'node:crypto'
import { BitString, Integer, OctetString, PrintableString } from 'asn1js'
import { AltName, AttributeTypeAndValue, BasicConstraints, Certificate, Extension, GeneralName } from 'pkijs'

/** A server's own CA, and what the server needs to speak TLS under it; all PEM. */
export interface ServingCertificate {
  readonly caPem: string
  readonly certificatePem: string
  readonly privateKeyPem: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
const DAY_MS = 86_400_000
const LIFETIME_MS = 3650 * DAY_MS

/** The names that an API server's certificate has in a cluster. */
const NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
/** The loopback addresses, which are where the stand-in listens. */
const ADDRESSES = [Uint8Array.of(127, 0, 0, 1), Uint8Array.from({ length: 16 }, (_, index) => (index === 15 ? 1 : 0))]

/** Makes a CA and a certificate of localhost; both hold for ten years of real time, since TLS stacks read the real clock. */
export async function createServingCertificate(): Promise<ServingCertificate> {
  const ca = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const server = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const caCertificate = await draft('kubernetes', ca.publicKey, [
    extension('2.5.29.19', true, new BasicConstraints({ cA: true }).toSchema().toBER()),
    extension('2.5.29.15', true, new BitString({ valueHex: Uint8Array.of(0x06).buffer, unusedBits: 1 }).toBER()),
  ])
  await caCertificate.sign(ca.privateKey, 'SHA-256')
  const names = new AltName({ altNames: altNames() })
  const certificate = await draft('kube-apiserver', server.publicKey, [
    extension('2.5.29.17', false, names.toSchema().toBER()),
  ])
  certificate.issuer = caCertificate.subject
  await certificate.sign(ca.privateKey, 'SHA-256')
  return {
    caPem: pem('CERTIFICATE', caCertificate.toSchema().toBER()),
    certificatePem: pem('CERTIFICATE', certificate.toSchema().toBER()),
    privateKeyPem: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', server.privateKey)),
  }
}

async function draft(commonName: string, key: CryptoKey, extensions: Extension[]): Promise<Certificate> {
  const certificate = new Certificate({ version: 2, extensions })
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  certificate.serialNumber = new Integer({ valueHex: Uint8Array.from(serial).buffer })
  const name = new AttributeTypeAndValue({ type: '2.5.4.3', value: new PrintableString({ value: commonName }) })
  certificate.subject.typesAndValues.push(name)
  certificate.issuer.typesAndValues.push(name)
  certificate.notBefore.value = new Date(Date.now() - DAY_MS)
  certificate.notAfter.value = new Date(Date.now() + LIFETIME_MS)
  await certificate.subjectPublicKeyInfo.importKey(key)
  return certificate
}

function extension(extnID: string, critical: boolean, extnValue: ArrayBuffer): Extension {
  return new Extension({ extnID, critical, extnValue })
}

function altNames(): GeneralName[] {
  return [
    ...NAMES.map((value) => new GeneralName({ type: 2, value })),
    ...ADDRESSES.map(({ buffer }) => new GeneralName({ type: 7, value: new OctetString({ valueHex: buffer }) })),
  ]
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
