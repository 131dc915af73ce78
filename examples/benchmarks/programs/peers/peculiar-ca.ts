import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { LEAF_LIFETIME_MS, leafUri, type PeerCa } from './peer-ca.ts'

/** A CA with @peculiar/x509, which signs and verifies by WebCrypto. */
export async function createPeculiarCa(): Promise<PeerCa> {
  cryptoProvider.set(crypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const fixed = [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new BasicConstraintsExtension(false, undefined, true),
    await AuthorityKeyIdentifierExtension.create(keys.publicKey),
    new SubjectAlternativeNameExtension([{ type: 'url', value: leafUri }], true),
  ]
  return {
    async issue(der) {
      const csr = new Pkcs10CertificateRequest(Uint8Array.from(der))
      if (!(await csr.verify())) throw new Error('expected a CSR that verifies')
      const now = Date.now()
      const leaf = await X509CertificateGenerator.create({
        serialNumber: `7${crypto.randomUUID().replaceAll('-', '').slice(1)}`,
        issuer: 'CN=identity.linkerd.cluster.local',
        subject: '',
        notBefore: new Date(now - 10_000),
        notAfter: new Date(now + LEAF_LIFETIME_MS),
        signingAlgorithm: algorithm,
        publicKey: csr.publicKey,
        signingKey: keys.privateKey,
        extensions: [...fixed, await SubjectKeyIdentifierExtension.create(csr.publicKey)],
      })
      return { der: new Uint8Array(leaf.rawData), notAfter: leaf.notAfter }
    },
  }
}
