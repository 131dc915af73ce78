/** Makes calls to a broken API server, a hundred and more at a time, and prints how much the heap grew in each round of 400, once the engine is warm. */
import { TokenReviewError } from '@meshid/token-review'
import { startTestCluster } from '../cluster.ts'
import { startGateway } from '../gateway.ts'

/** Rounds until the engine has compiled what it will compile. */
const WARM_UP = 3
const MEASURED = 3
const web = { namespace: 'emojivoto', name: 'web' }

await using cluster = await startTestCluster()
const { api, transport, reports } = cluster
const gateway = await startGateway(transport)
const codes = new Set<string>()
/** As bytes: each call makes a text of its own, which would be seen if it stayed. */
const tokens = await Promise.all(
  Array.from({ length: 120 }, async () => new TextEncoder().encode(await api.createToken(web))),
)

async function fail(count: number, breakNext: (count: number) => void): Promise<void> {
  breakNext(count)
  const reviews = tokens.slice(0, count).map((token) => gateway.reviewer.review(token))
  for (const outcome of await Promise.allSettled(reviews)) {
    if (outcome.status === 'fulfilled') throw new Error('expected a failure, found an account')
    codes.add(outcome.reason instanceof TokenReviewError ? outcome.reason.code : String(outcome.reason))
  }
}

/** 400 calls; what the test itself has kept is not what is measured. */
async function round(): Promise<void> {
  await fail(120, (count) => api.garbleNext(count))
  await fail(120, (count) => api.truncateNext(count))
  await fail(40, (count) => api.cutNext(count))
  await fail(120, (count) => api.failNext(count, { status: 503 }))
  gateway.events.length = 0
  reports.length = 0
}

function heapKiB(): number {
  for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.()
  return Math.round(process.memoryUsage().heapUsed / 1024)
}

for (let index = 0; index < WARM_UP; index += 1) await round()
const grown: number[] = []
for (let index = 0; index < MEASURED; index += 1) {
  const before = heapKiB()
  await round()
  grown.push(heapKiB() - before)
}
process.stdout.write(JSON.stringify({ calls: MEASURED * 400, heapKiB: heapKiB(), grown, codes: [...codes].toSorted() }))
