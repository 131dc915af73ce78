import { expect, test } from 'vitest'
import { generatePrivateKey, parsePrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
} from '@meshid/certificate'
import { interleaved, report } from './interleaved.ts'

/** T7: assembling and signing a leaf costs at most this much of signing alone. */
const TARGET = 1.15

test('T7: leaf assembly and signature over the signature', async () => {
  const now = new Date()
  const [rootSigner, signer, workload] = [1, 2, 3].map(() =>
    createNodeSigner(parsePrivateKey(generatePrivateKey().toPkcs8())),
  )
  if (!rootSigner || !signer || !workload) throw new Error('three signers are there')
  const root = await createRootCertificate({ signer: rootSigner, commonName: 'root', now, verifier: nodeVerifier })
  const intermediate = await createIntermediateCertificate({
    issuer: { chain: [root], signer: rootSigner },
    key: signer.key,
    commonName: 'issuer',
    now,
    verifier: nodeVerifier,
  })
  const source = { chain: [intermediate], signer, trustAnchors: createTrustAnchors([root]), now }
  const issuer = await createIssuer(source, { verifier: nodeVerifier })
  const spiffeId = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web')
  const dnsName = linkerdName({
    serviceAccount: serviceAccount('default', 'web'),
    controlNamespace: 'linkerd',
    trustDomain: parseTrustDomain('cluster.local'),
  })
  const { key } = workload
  const { der } = await issuer.issue({ identity: { spiffeId }, key, now })
  const tbs = der.slice(4, der.length - 90)
  const start = Date.now()
  const outcomes = await interleaved([
    { name: 'sign', run: () => signer.sign(tbs) },
    { name: 'issue, SPIFFE ID', run: () => issuer.issue({ identity: { spiffeId }, key, now: new Date() }) },
    { name: 'issue, both names', run: () => issuer.issue({ identity: { spiffeId, dnsName }, key, now: new Date() }) },
  ])
  report(`T7, must be at most ${TARGET} (${Date.now() - start} ms)`, outcomes)
  expect(outcomes[1]?.ratio).toBeLessThanOrEqual(TARGET)
})
