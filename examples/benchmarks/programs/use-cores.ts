import { execFileSync } from 'node:child_process'
import { sign, verify } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type Certifier, createCertifier, createIssuerHolder, spiffeProfile } from '@meshid/identity'
import type { AsyncVerifier, Verifier } from '@meshid/keys'
import { createVerifierThreads, nodeVerifier } from '@meshid/keys/node'
import { serviceAccount } from '@meshid/spiffe-id'
import { medianOf } from '../src/contest.ts'
import { printResult } from '../src/result.ts'
import { createBenchCa } from './bench-ca.ts'
import { createFloorWithImport, createWorkloads, inTurn, spiffeId } from './workloads.ts'

// Read by libuv when its pool is first used, which is below.
process.env['UV_THREADPOOL_SIZE'] = '2'

const ROUNDS = 7
const TURN_MS = 300
/** Long enough that V8 has compiled everything. */
const WARM_UP_MS = 2500
/** Requests under way at once where there are two cores. */
const AT_ONCE = 64

const { issuer, signerKey } = await createBenchCa()
const next = inTurn(await createWorkloads(500))
const account = serviceAccount('emojivoto', 'web')
const answer = { serviceAccount: account, username: account.username, groups: [], audiences: [], extra: {} }
const token = new TextEncoder().encode('t'.repeat(900))

function certifierOf(verifier: Verifier | AsyncVerifier): Certifier {
  const holder = createIssuerHolder()
  holder.replace(issuer, new Date())
  return createCertifier({
    reviewer: { review: () => Promise.resolve(answer) },
    profile: spiffeProfile({ trustDomain: spiffeId.trustDomain }),
    issuer: holder,
    verifier,
    clock: { now: () => new Date() },
  })
}

const threads = createVerifierThreads()
const sync = certifierOf(nodeVerifier)
const threaded = certifierOf(threads.verifier)
const certifyWith = (certifier: Certifier) => (): Promise<unknown> =>
  certifier.certify({ identity: spiffeId.toString(), token, csr: next().csr })

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

/** Lets all threads of this process use these cores, where there is `taskset`; elsewhere "one core" is one thread that works. */
function useCores(list: string): void {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', list, String(process.pid)], { stdio: 'ignore' })
  } catch {
    // Not Linux, or cores of other numbers.
  }
}

/** Runs work for a while, so many at once, and says how many a second were done, by the clock on the wall. */
async function perSecond(work: () => unknown, { atOnce, ms }: { atOnce: number; ms: number }): Promise<number> {
  let done = 0
  const begun = performance.now()
  const worker = async (): Promise<void> => {
    for (; performance.now() < begun + ms; done++) await work()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (done / (performance.now() - begun)) * 1000
}

const contenders = [
  { name: 'meshid: certify, at once', work: certifyWith(sync), cores: '0', atOnce: 1 },
  { name: 'meshid: certify, a thread verifies', work: certifyWith(threaded), cores: '0,1', atOnce: AT_ONCE },
  {
    name: 'no code of ours: import, verify, sign, at once',
    work: createFloorWithImport(next, signerKey),
    cores: '0',
    atOnce: 1,
  },
  { name: 'no code of ours: the same by callbacks of node:crypto', work: bareCallbacks, cores: '0,1', atOnce: AT_ONCE },
] as const
const rates = contenders.map((): number[] => [])
for (let round = -1; round < ROUNDS; round++) {
  for (const [index, { work, cores, atOnce }] of contenders.entries()) {
    useCores(cores)
    const rate = await perSecond(work, { atOnce, ms: round < 0 ? WARM_UP_MS : TURN_MS })
    if (round >= 0) rates[index]?.push(rate)
  }
}
const gain = (two: number, one: number): number =>
  medianOf((rates[two] ?? []).map((rate, round) => rate / (rates[one]?.[round] ?? Number.NaN)))
printResult({
  title: 'Two cores for one process, by the clock on the wall; the ratio is over one core',
  unit: 'done a second',
  outcomes: contenders.map(({ name, cores }, index) => ({
    name: `${name}; ${cores === '0' ? 'one core' : `two cores, ${AT_ONCE} under way`}`,
    amount: medianOf(rates[index] ?? []),
    ratio: index % 2 === 0 ? 1 : gain(index, index - 1),
  })),
  values: availableParallelism() < 2 ? {} : { T13: gain(1, 0) },
  notes: [
    'The thread verifies; the event loop decides and signs, and verifies what the thread has no room for. Callbacks verify and sign in the threads of libuv.',
  ],
})
await threads.close()
