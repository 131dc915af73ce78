import { createPublicKey, sign, verify } from 'node:crypto'
import { buildCsr, parseCsr, verifyCsr } from '@meshid/csr'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'

/** How many requests there are, each with a key of its own: a fleet that starts. */
const REQUESTS = 500

const { issuer, signerKey } = await createBenchCa()
const spiffeId = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web')

const requests = await Promise.all(
  Array.from({ length: REQUESTS }, async () => {
    const signer = createNodeSigner(generateNodePrivateKey('P-256'))
    const csr = await buildCsr({ signer, uris: [spiffeId.toString()] })
    const key = createPublicKey({ key: Buffer.from(signer.key.spki), format: 'der', type: 'spki' })
    const message = new Uint8Array(300)
    return { csr, key, pem: key.export({ format: 'pem', type: 'spki' }), message, signature: signer.sign(message) }
  }),
)
let turn = 0
const next = (): (typeof requests)[number] => {
  const request = requests[turn++ % REQUESTS]
  if (request === undefined) throw new Error('there is always a next request')
  return request
}
const tbs = new Uint8Array(400)

const outcomes = await contest(
  [
    {
      name: 'F: verify with a ready key, sign',
      run: () => {
        const { key, message, signature } = next()
        return verify('sha256', message, key, signature) && sign('sha256', tbs, signerKey)
      },
    },
    {
      name: 'F and the import of a new key, no code of ours',
      run: () => {
        const { pem, message, signature } = next()
        return verify('sha256', message, pem, signature) && sign('sha256', tbs, signerKey)
      },
    },
    {
      name: 'meshid: parseCsr, verifyCsr, issue',
      run: () => {
        const csr = verifyCsr(parseCsr(next().csr), { verifier: nodeVerifier })
        return issuer.issue({ identity: { spiffeId }, key: csr.key, now: new Date() })
      },
    },
  ],
  { rounds: 200 },
)
printResult({ title: 'From the bytes of a CSR to a leaf', outcomes, values: { T1: ratioOf(outcomes, 'meshid') } })
