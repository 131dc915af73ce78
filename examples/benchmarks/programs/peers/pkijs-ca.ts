import { BitString, Integer, OctetString, PrintableString } from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificationRequest,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  type PublicKeyInfo,
} from 'pkijs'
import { LEAF_LIFETIME_MS, leafUri, type PeerCa } from './peer-ca.ts'

const SUBJECT_ALT_NAME = '2.5.29.17'
const uriTag = 6

async function sha1Of(key: PublicKeyInfo): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-1', Uint8Array.from(key.subjectPublicKey.valueBlock.valueHexView))
}

/** The extensions of a workload's leaf, as the template of meshid has them. */
function extensionsOf(subjectKey: ArrayBuffer, authorityKey: ArrayBuffer): Extension[] {
  const encode = (schema: { toBER(): ArrayBuffer }): ArrayBuffer => schema.toBER()
  const keyIdentifier = new OctetString({ valueHex: authorityKey })
  const names = new GeneralNames({ names: [new GeneralName({ type: uriTag, value: leafUri })] })
  const usages = new ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] })
  const made = [
    ['2.5.29.15', true, encode(new BitString({ valueHex: Uint8Array.of(0x80).buffer, unusedBits: 7 }))],
    ['2.5.29.37', false, encode(usages.toSchema())],
    ['2.5.29.19', true, encode(new BasicConstraints({ cA: false }).toSchema())],
    ['2.5.29.14', false, encode(new OctetString({ valueHex: subjectKey }))],
    ['2.5.29.35', false, encode(new AuthorityKeyIdentifier({ keyIdentifier }).toSchema())],
    [SUBJECT_ALT_NAME, true, encode(names.toSchema())],
  ] as const
  return made.map(([extnID, critical, extnValue]) => new Extension({ extnID, critical, extnValue }))
}

/** A CA with pkijs, which signs and verifies by WebCrypto. */
export async function createPkijsCa(): Promise<PeerCa> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const issuerName = new AttributeTypeAndValue({
    type: '2.5.4.3',
    value: new PrintableString({ value: 'identity.linkerd.cluster.local' }),
  })
  const self = new Certificate()
  await self.subjectPublicKeyInfo.importKey(keys.publicKey)
  const authorityKey = await sha1Of(self.subjectPublicKeyInfo)
  return {
    async issue(der) {
      const csr = CertificationRequest.fromBER(der.slice().buffer)
      if (!(await csr.verify())) throw new Error('expected a CSR that verifies')
      const now = Date.now()
      const leaf = new Certificate({ version: 2 })
      const serialNumber = crypto.getRandomValues(new Uint8Array(16)).with(0, 0x7f)
      leaf.serialNumber = new Integer({ valueHex: serialNumber.buffer })
      leaf.issuer.typesAndValues = [issuerName]
      leaf.notBefore.value = new Date(now - 10_000)
      leaf.notAfter.value = new Date(now + LEAF_LIFETIME_MS)
      leaf.subjectPublicKeyInfo = csr.subjectPublicKeyInfo
      leaf.extensions = extensionsOf(await sha1Of(csr.subjectPublicKeyInfo), authorityKey)
      await leaf.sign(keys.privateKey, 'SHA-256')
      return { der: new Uint8Array(leaf.toSchema(true).toBER()), notAfter: leaf.notAfter.value }
    },
  }
}
