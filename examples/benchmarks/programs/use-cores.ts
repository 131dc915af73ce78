import { sign, verify } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { createCertifier, createIssuerHolder, spiffeProfile } from '@meshid/identity'
import { nodeVerifier } from '@meshid/keys/node'
import { serviceAccount } from '@meshid/spiffe-id'
import { medianOf } from '../src/contest.ts'
import { printResult } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'
import { createFloorWithImport, createWorkloads, inTurn, spiffeId } from './workloads.ts'

// Read by libuv when its pool is first used, which is below.
process.env['UV_THREADPOOL_SIZE'] = '2'

const ROUNDS = 5
const TURN_MS = 300
/** Requests under way at once where there are several. */
const AT_ONCE = 64

const { issuer, signerKey } = await createBenchCa()
const next = inTurn(await createWorkloads(500))
const holder = createIssuerHolder()
holder.replace(issuer, new Date())
const account = serviceAccount('emojivoto', 'web')
const answer = { serviceAccount: account, username: account.username, groups: [], audiences: [], extra: {} }
const certifier = createCertifier({
  reviewer: { review: () => Promise.resolve(answer) },
  profile: spiffeProfile({ trustDomain: spiffeId.trustDomain }),
  issuer: holder,
  verifier: nodeVerifier,
  clock: { now: () => new Date() },
})
const token = new TextEncoder().encode('t'.repeat(900))
const certify = (): Promise<unknown> => certifier.certify({ identity: spiffeId.toString(), token, csr: next().csr })

const tbs = new Uint8Array(400)
const bareCallbacks = (): Promise<unknown> => {
  const { pem, message, signature } = next()
  return new Promise((resolve, reject) => {
    verify('sha256', message, pem, signature, (refused, isValid) => {
      if (refused !== null || !isValid) reject(refused ?? new Error('expected a signature that verifies'))
      else sign('sha256', tbs, signerKey, (failed, made) => (failed === null ? resolve(made) : reject(failed)))
    })
  })
}
const bare = createFloorWithImport(next, signerKey)

/** Runs work for a while, so many at once, and says how many a second were done, by the clock on the wall. */
async function perSecond(work: () => unknown, atOnce: number): Promise<number> {
  let done = 0
  const begun = performance.now()
  const worker = async (): Promise<void> => {
    for (; performance.now() < begun + TURN_MS; done++) await work()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (done / (performance.now() - begun)) * 1000
}

const contenders = [
  { name: 'meshid: certify, one request at a time', work: certify, atOnce: 1 },
  { name: `meshid: certify, ${AT_ONCE} requests at once`, work: certify, atOnce: AT_ONCE },
  { name: 'no code of ours: import, verify, sign, each at once', work: bare, atOnce: 1 },
  { name: `no code of ours: the same by callbacks, ${AT_ONCE} at once`, work: bareCallbacks, atOnce: AT_ONCE },
] as const
const rates = contenders.map((): number[] => [])
for (let round = -1; round < ROUNDS; round++) {
  for (const [index, { work, atOnce }] of contenders.entries()) {
    const rate = await perSecond(work, atOnce)
    if (round >= 0) rates[index]?.push(rate)
  }
}
const gain = (several: number, one: number): number =>
  medianOf((rates[several] ?? []).map((rate, round) => rate / (rates[one]?.[round] ?? Number.NaN)))
printResult({
  title: 'Two cores for one process, by the clock on the wall; the ratio is over one core',
  unit: 'done a second',
  outcomes: contenders.map(({ name }, index) => ({
    name,
    amount: medianOf(rates[index] ?? []),
    ratio: index % 2 === 0 ? 1 : gain(index, index - 1),
  })),
  values: availableParallelism() < 2 ? {} : { T13: gain(1, 0) },
  notes: [
    'The certifier verifies and signs synchronously, so a second core is of no use to it; callbacks would use it.',
  ],
})
