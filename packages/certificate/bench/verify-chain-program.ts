import { X509Certificate } from 'node:crypto'
import { createSignatureMemory, parseCertificate, verifyChain, type VerifyChainOptions } from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { fromBER } from 'asn1js'
import { Certificate as PkijsCertificate, CertificateChainValidationEngine } from 'pkijs'
import { createBenchCa } from './bench-ca.ts'
import { interleaved } from './interleaved.ts'

/** How many leaves there are: peers that come by, all of the same issuer. */
const LEAVES = 300

const { issuer, root, trustAnchors } = await createBenchCa()
const { certificate } = issuer
const identity = { spiffeId: parseSpiffeId('spiffe://cluster.local/ns/default/sa/web') }
const now = new Date()
const { key } = createNodeSigner(generateNodePrivateKey('P-256'))
const leaves = await Promise.all(
  Array.from({ length: LEAVES }, async () => parseCertificate((await issuer.issue({ identity, key, now })).der)),
)
let turn = 0
const next = (): (typeof leaves)[number] => {
  const leaf = leaves[turn++ % LEAVES]
  if (leaf === undefined) throw new Error('there is always a next leaf')
  return leaf
}

const memory = createSignatureMemory()
const validate = (chain: readonly (typeof leaves)[number][], options: Partial<VerifyChainOptions> = {}) =>
  verifyChain({ trustAnchors, now, purpose: 'leaf', chain }, { verifier: nodeVerifier, ...options })
const parse = (leaf: (typeof leaves)[number]) => [leaf.der, certificate.der].map((der) => parseCertificate(der))
const openssl = (): boolean => {
  const [first, second, third] = [next().der, certificate.der, root.der].map((der) => new X509Certificate(der))
  return first !== undefined && second !== undefined && third !== undefined
    ? first.checkIssued(second) && first.verify(second.publicKey) && second.verify(third.publicKey)
    : false
}
const pkijs = () => {
  const read = (der: Uint8Array) => new PkijsCertificate({ schema: fromBER(Uint8Array.from(der).buffer).result })
  const engine = { trustedCerts: [read(root.der)], certs: [certificate.der, next().der].map(read), checkDate: now }
  return new CertificateChainValidationEngine(engine).verify()
}
if (!openssl() || !(await pkijs()).result) throw new Error('expected every contender to accept')

const bare = {
  name: 'the two signatures',
  run: () => {
    const leaf = next()
    return (
      nodeVerifier.verify(certificate.publicKey, 'ecdsa-sha256', leaf.tbs, leaf.signature) &&
      nodeVerifier.verify(root.publicKey, 'ecdsa-sha256', certificate.tbs, certificate.signature)
    )
  },
}
const outcomes = await interleaved(
  [
    bare,
    { name: 'verifyChain of parsed certificates', run: () => validate([next(), certificate]) },
    { name: 'verifyChain with the issuer remembered', run: () => validate([next(), certificate], { memory }) },
    { name: 'parseCertificate and verifyChain', run: () => validate(parse(next())) },
    { name: 'parseCertificate and verifyChain, remembered', run: () => validate(parse(next()), { memory }) },
    { name: 'X509Certificate: issued and verify only', run: openssl },
  ],
  { rounds: 200, batch: 10 },
)
// Apart, because whoever comes next would collect its garbage.
const [, foreign] = await interleaved([bare, { name: 'pkijs', run: pkijs }], { rounds: 20, batch: 5 })
console.log(JSON.stringify([...outcomes, foreign]))
