import { type ChildServer, startNodeServer } from '../src/child-server.ts'
import { createLoad } from '../src/http2-load.ts'
import { printResult } from '../src/result.ts'
import { barePaths } from './bare-paths.ts'
import { certifyPath, createCertifyRequests } from './certify-requests.ts'
import type { SelfTime } from './cpu-profile.ts'
import { inTurn } from './workloads.ts'

const WARM_UP_CALLS = 12_000
const CALLS = 7000
/** How many functions are named. */
const NAMED = 10

/**
 * Functions of node:crypto that are OpenSSL: a job's making, which imports the key, and its run. A profile knows what is built in by
 * its name alone.
 */
const openssl: readonly string[] = ['run', 'SignJob', 'VerifyJob', 'HashJob', 'oneShotDigest']
/** The profiler itself. */
const profiler = /node:inspector$/

/** Loads a server, says where its busy time went, and stops it: the next one is to run alone. */
async function profileServer(
  server: ChildServer,
  { path, warmUpCalls }: { readonly path: string; readonly warmUpCalls: number },
): Promise<readonly SelfTime[]> {
  const load = await createLoad({ port: server.port, path })
  const nextMessage = inTurn(fresh)
  await load.run(warmUpCalls, nextMessage)
  await server.ask('profile')
  await load.run(CALLS, nextMessage)
  const { selfTimes } = (await server.ask('profiled')) as { readonly selfTimes: readonly SelfTime[] }
  load.close()
  await server.stop()
  return selfTimes.filter(({ name }) => !profiler.test(name))
}

const sum = (times: readonly SelfTime[]): number => times.reduce((total, { microseconds }) => total + microseconds, 0)
const insideOpenssl = (times: readonly SelfTime[]): number => sum(times.filter(({ name }) => openssl.includes(name)))

const { fresh } = await createCertifyRequests()
const ours = await startNodeServer(new URL('certify-server.ts', import.meta.url), 'http2')
const busy = await profileServer(ours, { path: certifyPath, warmUpCalls: WARM_UP_CALLS })
const bare = await startNodeServer(new URL('bare-server.ts', import.meta.url))
const busyBare = await profileServer(bare, { path: barePaths.fresh, warmUpCalls: 4000 })
const total = sum(busy)
const inside = insideOpenssl(busy)
const rest = busy.filter(({ name }) => !openssl.includes(name))
const row = (name: string, microseconds: number) => ({
  name,
  amount: microseconds / CALLS,
  ratio: microseconds / total,
})
printResult({
  title: 'Where the busy time of a loaded server goes; the ratio is the share',
  unit: 'µs of a call',
  outcomes: [
    row('OpenSSL: imports, verifications, signatures, digests', inside),
    ...rest.slice(0, NAMED).map(({ name, microseconds }) => row(name, microseconds)),
    row(`${rest.length - NAMED} other functions together`, sum(rest.slice(NAMED))),
  ],
  values: { T5: inside / total },
  notes: [
    `The bare server of the table above, with no code of ours, has ${Math.round((insideOpenssl(busyBare) / sum(busyBare)) * 100)} % of its busy time inside OpenSSL.`,
    '`(program)` is native code that is not JavaScript and has no name here: the HTTP/2 library, sockets and the kernel.',
  ],
})
