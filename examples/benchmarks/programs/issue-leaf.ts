import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'

const { issuer, signer } = await createBenchCa()
const trustDomain = parseTrustDomain('cluster.local')
const spiffeId = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web')
const account = serviceAccount('default', 'web')
const dnsName = linkerdName({ serviceAccount: account, controlNamespace: 'linkerd', trustDomain })
const { key } = createNodeSigner(generateNodePrivateKey('P-256'))

const { der } = await issuer.issue({ identity: { spiffeId }, key, now: new Date() })
const message = der.slice(4, -90)

/** Leaves before anything counts: V8 compiles what makes them until some 10,000 were made, in threads whose time counts too. */
const WARM_UP_LEAVES = 20_000
for (let leaf = 0; leaf < WARM_UP_LEAVES; leaf++) await issuer.issue({ identity: { spiffeId }, key, now: new Date() })

const outcomes = await contest([
  { name: 'the signature alone', run: () => signer.sign(message) },
  {
    name: 'meshid: a leaf with a SPIFFE ID',
    run: () => issuer.issue({ identity: { spiffeId }, key, now: new Date() }),
  },
  {
    name: 'meshid: a leaf with a DNS name and a SPIFFE ID',
    run: () => issuer.issue({ identity: { spiffeId, dnsName }, key, now: new Date() }),
  },
])
printResult({
  title: 'Assembling and signing a leaf for a key that was seen before',
  outcomes,
  values: { T7: ratioOf(outcomes, 'meshid: a leaf with a SPIFFE ID') },
})
