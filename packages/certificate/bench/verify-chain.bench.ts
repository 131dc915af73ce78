import { X509Certificate } from 'node:crypto'
import { createTrustAnchors, parseCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { fromBER } from 'asn1js'
import { Certificate as PkijsCertificate, CertificateChainValidationEngine } from 'pkijs'
import { expect, test } from 'vitest'
import { authority, leaf, now } from '../test/forge.ts'
import { interleaved, report } from './interleaved.ts'

/** T8: validating a chain costs at most this much of verifying its two signatures. */
const TARGET = 1.25

test('T8: leaf ← issuer ← root over its bare signature checks', async () => {
  const root = authority('root').certificate
  const issuerLink = authority('issuer', { by: { certificate: root, key: authority('root').key }, pathLength: 0 })
  const issuer = issuerLink.certificate
  const workload = leaf('spiffe://cluster.local/ns/default/sa/web', { by: issuerLink }).certificate
  const trustAnchors = createTrustAnchors([root])
  const ders = [workload.der, issuer.der]
  const verify = () =>
    nodeVerifier.verify(issuer.publicKey, 'ecdsa-sha256', workload.tbs, workload.signature) &&
    nodeVerifier.verify(root.publicKey, 'ecdsa-sha256', issuer.tbs, issuer.signature)
  const input = { trustAnchors, now, purpose: 'leaf' } as const
  const ours = () =>
    verifyChain({ ...input, chain: ders.map((der) => parseCertificate(der)) }, { verifier: nodeVerifier })
  const openssl = () => {
    const [first, second, third] = [...ders, root.der].map((der) => new X509Certificate(der))
    return first !== undefined && second !== undefined && third !== undefined
      ? first.checkIssued(second) &&
          first.verify(second.publicKey) &&
          second.checkIssued(third) &&
          second.verify(third.publicKey)
      : false
  }
  const pkijs = () => {
    const read = (der: Uint8Array) => new PkijsCertificate({ schema: fromBER(Uint8Array.from(der).buffer).result })
    const [trustedCerts, certs] = [[read(root.der)], [issuer, workload].map(({ der }) => read(der))]
    return new CertificateChainValidationEngine({ trustedCerts, certs, checkDate: now }).verify()
  }
  expect(verify() && openssl() && (await pkijs()).result).toBe(true)
  expect(ours().path).toHaveLength(3)
  const outcomes = await interleaved(
    [
      { name: 'the two signatures', run: verify },
      {
        name: 'verifyChain of parsed certificates',
        run: () => verifyChain({ ...input, chain: [workload, issuer] }, { verifier: nodeVerifier }),
      },
      { name: 'parseCertificate and verifyChain', run: ours },
      { name: 'X509Certificate: issued and verify only', run: openssl },
    ],
    { rounds: 200 },
  )
  report(`T8, must be at most ${TARGET}`, outcomes)
  report(
    'the same',
    await interleaved(
      [
        { name: 'parseCertificate and verifyChain', run: ours },
        { name: 'pkijs', run: pkijs },
      ],
      { rounds: 20, batch: 5 },
    ),
  )
  expect(outcomes[1]?.ratio).toBeLessThanOrEqual(TARGET)
})
