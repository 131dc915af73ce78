import { X509Certificate } from 'node:crypto'
import { createSignatureMemory, parseCertificate, verifyChain } from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { fromBER } from 'asn1js'
import { Certificate as PkijsCertificate, CertificateChainValidationEngine } from 'pkijs'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'

const { issuer, certificate, root, trustAnchors } = await createBenchCa()
const spiffeId = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web')
const now = new Date()
const { key } = createNodeSigner(generateNodePrivateKey('P-256'))
const issued = await issuer.issue({ identity: { spiffeId }, key, now })
const leaf = parseCertificate(issued.der)
const ders = [issued.der, certificate.der]

const verifyBoth = (): boolean =>
  nodeVerifier.verify(certificate.publicKey, 'ecdsa-sha256', leaf.tbs, leaf.signature) &&
  nodeVerifier.verify(root.publicKey, 'ecdsa-sha256', certificate.tbs, certificate.signature)
const validate = (chain: readonly (typeof leaf)[]) =>
  verifyChain({ trustAnchors, now, purpose: 'leaf', chain }, { verifier: nodeVerifier })
const memory = createSignatureMemory()
const validateRemembering = (chain: readonly (typeof leaf)[]) =>
  verifyChain({ trustAnchors, now, purpose: 'leaf', chain }, { verifier: nodeVerifier, memory })
const openssl = (): boolean => {
  const [first, second, third] = [...ders, root.der].map((der) => new X509Certificate(der))
  return first !== undefined && second !== undefined && third !== undefined
    ? first.checkIssued(second) && first.verify(second.publicKey) && second.verify(third.publicKey)
    : false
}
const pkijs = () => {
  const read = (der: Uint8Array) => new PkijsCertificate({ schema: fromBER(Uint8Array.from(der).buffer).result })
  const engine = { trustedCerts: [read(root.der)], certs: [certificate.der, issued.der].map(read), checkDate: now }
  return new CertificateChainValidationEngine(engine).verify()
}
if (!verifyBoth() || !openssl() || !(await pkijs()).result) throw new Error('expected every contender to accept')

/** Chains before anything counts: V8 compiles what judges them until some 10,000 were judged, in threads whose time counts too. */
const WARM_UP_CHAINS = 20_000
for (let chain = 0; chain < WARM_UP_CHAINS; chain++) validateRemembering([leaf, certificate])

const outcomes = await contest([
  { name: 'the two signatures', run: verifyBoth },
  { name: 'meshid: verifyChain', run: () => validate([leaf, certificate]) },
  { name: 'meshid: verifyChain that remembers the issuer', run: () => validateRemembering([leaf, certificate]) },
  { name: 'meshid: parseCertificate and verifyChain', run: () => validate(ders.map((der) => parseCertificate(der))) },
  { name: 'X509Certificate: issued and verify only', run: openssl },
  { name: 'pkijs', run: pkijs },
])
printResult({
  title: 'Validating leaf ← issuer ← root',
  outcomes,
  values: {
    T8: ratioOf(outcomes, 'meshid: verifyChain'),
    'T8 remembered': ratioOf(outcomes, 'meshid: verifyChain that remembers the issuer'),
  },
})
