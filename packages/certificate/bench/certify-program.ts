import { createPublicKey, sign, verify } from 'node:crypto'
import { buildCsr, parseCsr, verifyCsr } from '@meshid/csr'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createBenchCa } from './bench-ca.ts'
import { interleaved } from './interleaved.ts'

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
    return { csr, key, message, signature: signer.sign(message) }
  }),
)
let turn = 0
const next = (): (typeof requests)[number] => {
  const request = requests[turn++ % REQUESTS]
  if (request === undefined) throw new Error('there is always a next request')
  return request
}
const tbs = new Uint8Array(400)

const outcomes = await interleaved([
  {
    name: 'F: verify with a ready key, sign',
    run: () => {
      const { key, message, signature } = next()
      return verify('sha256', message, key, signature) && sign('sha256', tbs, signerKey)
    },
  },
  {
    name: 'CSR bytes → parseCsr → verifyCsr → issue → leaf DER',
    run: async () => {
      const csr = verifyCsr(parseCsr(next().csr), { verifier: nodeVerifier })
      const { der } = await issuer.issue({ identity: { spiffeId }, key: csr.key, now: new Date() })
      return der
    },
  },
])
console.log(JSON.stringify(outcomes))
