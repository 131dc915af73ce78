import { createCsrVerifier } from '@meshid/csr'
import { nodeVerifier } from '@meshid/keys/node'
import { contest } from '../src/contest.ts'
import { printResult, ratioOf } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'
import { createJsrsasignCa } from './peers/jsrsasign-ca.ts'
import { createPeculiarCa } from './peers/peculiar-ca.ts'
import { createPkijsCa } from './peers/pkijs-ca.ts'
import { createFloor, createFloorWithImport, createWorkloads, inTurn, spiffeId } from './workloads.ts'

/** How many requests there are, each with a key of its own: a fleet that starts. */
const REQUESTS = 500
/** Requests before anything counts: V8 compiles what handles them until some 10,000 have come, in threads whose time counts too. */
const WARM_UP_REQUESTS = 20_000

const { issuer, signerKey } = await createBenchCa()
const csrs = createCsrVerifier({ verifier: nodeVerifier })
const next = inTurn(await createWorkloads(REQUESTS))
const floor = { name: 'F: verify with a ready key, sign', run: createFloor(next, signerKey) }

const issue = (): Promise<unknown> =>
  issuer.issue({ identity: { spiffeId }, key: csrs.verify(next().csr).key, now: new Date() })
for (let request = 0; request < WARM_UP_REQUESTS; request++) await issue()

const outcomes = await contest(
  [
    floor,
    { name: 'F and the import of a new key, no code of ours', run: createFloorWithImport(next, signerKey) },
    { name: 'meshid: parse, verify, issue', run: issue },
  ],
  { rounds: 50 },
)

const [pkijs, peculiar, jsrsasign] = [await createPkijsCa(), await createPeculiarCa(), createJsrsasignCa()]
// Apart, because they are so much slower, and whoever ran next would collect their garbage.
const peers = await contest(
  [
    floor,
    { name: 'pkijs', run: () => pkijs.issue(next().csr) },
    { name: '@peculiar/x509', run: () => peculiar.issue(next().csr) },
    { name: 'jsrsasign', run: () => jsrsasign.issue(next().csr) },
  ],
  { rounds: 10 },
)
printResult({
  title: 'From the bytes of a CSR to a leaf',
  outcomes: [...outcomes, ...peers.slice(1)],
  values: { T1: ratioOf(outcomes, 'meshid') },
  notes: [
    `The practical floor is F and the import of the new key: T1 is ${(ratioOf(outcomes, 'meshid') / ratioOf(outcomes, 'F and')).toFixed(2)} of that. Of all that Node 24 can import, PEM as a string is the fastest.`,
  ],
})
