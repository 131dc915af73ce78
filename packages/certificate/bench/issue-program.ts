import { proveKey, type ProvenKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { createBenchCa } from './bench-ca.ts'
import { interleaved } from './interleaved.ts'

const { issuer, signer } = await createBenchCa()
const trustDomain = parseTrustDomain('cluster.local')
const spiffeId = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web')
const account = serviceAccount('default', 'web')
const dnsName = linkerdName({ serviceAccount: account, controlNamespace: 'linkerd', trustDomain })
const { key, signatureAlgorithm } = createNodeSigner(generateNodePrivateKey('P-256'))
const { publicKey } = key
const proof = { publicKey, signatureAlgorithm, message: new Uint8Array(1), signature: new Uint8Array(1) }

/** A key that was just proven, whose identifier is hashed when it gets its first leaf. */
const newKey = (): ProvenKey => proveKey(proof, { verify: () => true })

const { der } = await issuer.issue({ identity: { spiffeId }, key, now: new Date() })
const message = der.slice(4, -90)

const outcomes = await interleaved([
  { name: 'sign', run: () => signer.sign(message) },
  { name: 'leaf with a SPIFFE ID', run: () => issuer.issue({ identity: { spiffeId }, key, now: new Date() }) },
  { name: 'leaf with both names', run: () => issuer.issue({ identity: { spiffeId, dnsName }, key, now: new Date() }) },
  {
    name: 'leaf for a new key, minting its proof included',
    run: () => issuer.issue({ identity: { spiffeId }, key: newKey(), now: new Date() }),
  },
])
console.log(JSON.stringify(outcomes))
