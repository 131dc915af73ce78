import 'reflect-metadata'
import { buildCsr, parseCsr } from '@meshid/csr'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { fromBER } from 'asn1js'
import { CertificationRequest } from 'pkijs'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'

const signer = createNobleSigner(generatePrivateKey('P-256'))
const csr = await buildCsr({ signer, uris: ['spiffe://cluster.local/ns/emojivoto/sa/web'] })
const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const longer = await buildCsr({ signer, commonName: linkerdName, dnsNames: [linkerdName] })
const buffer = csr.slice().buffer

const outcomes = await contest([
  { name: 'asn1js, which checks less', run: () => fromBER(buffer) },
  { name: 'pkijs', run: () => CertificationRequest.fromBER(buffer) },
  { name: '@peculiar/x509', run: () => new Pkcs10CertificateRequest(buffer) },
  { name: 'meshid: parseCsr', run: () => parseCsr(csr) },
  { name: 'meshid: parseCsr and the names in it', run: () => parseCsr(csr).uris },
  { name: 'meshid: the longer request of a Linkerd proxy', run: () => parseCsr(longer) },
])
printResult({
  title: 'Parsing a CSR with one SPIFFE ID',
  outcomes,
  values: { T6: 1 / ratioOf(outcomes, 'meshid: parseCsr') },
})
