/**
 * Unary calls on grpc-js and on node:http2: calls a second and server CPU a call, one client process, 4 connections with 16
 * calls each, interleaved rounds, medians. Run it with
 * `node --conditions=@meshid/source packages/rpc/bench/unary-throughput.ts [calls a round] [rounds]`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import { fileURLToPath } from 'node:url'
import { identityServiceDefinition } from '@meshid/rpc'

const [calls = 20_000, rounds = 7] = process.argv.slice(2).map(Number)
const CONNECTIONS = 4
const CALLS_AT_ONCE = 16

const { path, requestSerialize } = identityServiceDefinition.certify
const message = requestSerialize({
  identity: 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local',
  token: new Uint8Array(900),
  certificateSigningRequest: new Uint8Array(400),
})
const prefix = Buffer.alloc(5)
prefix.writeUInt32BE(message.length, 1)
const body = Buffer.concat([prefix, message])
const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }

interface Contestant {
  readonly name: string
  readonly child: ChildProcess
  readonly sessions: readonly http2.ClientHttp2Session[]
  readonly perSecond: number[]
  readonly cpuUs: number[]
}

async function start(name: string): Promise<Contestant> {
  const program = fileURLToPath(new URL('unary-server.ts', import.meta.url))
  const child = fork(program, [name], { execArgv: ['--conditions=@meshid/source'] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const sessions = Array.from({ length: CONNECTIONS }, () => http2.connect(`http://127.0.0.1:${port}`))
  return { name, child, sessions, perSecond: [], cpuUs: [] }
}

function call(session: http2.ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers)
    let status: unknown
    stream.on('trailers', (trailers) => (status = trailers['grpc-status']))
    stream.on('error', reject)
    stream.on('close', () => (status === '0' ? resolve() : reject(new Error(`status ${String(status)}`))))
    stream.resume()
    stream.end(body)
  })
}

async function load({ sessions }: Contestant, count: number): Promise<void> {
  let left = count
  const worker = async (session: http2.ClientHttp2Session): Promise<void> => {
    while (left-- > 0) await call(session)
  }
  await Promise.all(sessions.flatMap((session) => Array.from({ length: CALLS_AT_ONCE }, () => worker(session))))
}

async function cpuOf({ child }: Contestant): Promise<number> {
  child.send('cpu')
  const [{ cpuUs }] = (await once(child, 'message')) as [{ cpuUs: number }]
  return cpuUs
}

async function measure(contestant: Contestant): Promise<void> {
  const before = await cpuOf(contestant)
  const begun = performance.now()
  await load(contestant, calls)
  contestant.perSecond.push((calls / (performance.now() - begun)) * 1000)
  contestant.cpuUs.push(((await cpuOf(contestant)) - before) / calls)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const contestants = [await start('grpc-js'), await start('http2')]
for (const contestant of contestants) await load(contestant, calls)
for (let round = 0; round < rounds; round += 1) for (const contestant of contestants) await measure(contestant)
for (const { name, perSecond, cpuUs } of contestants) {
  console.log(
    `${name.padEnd(8)} ${median(perSecond).toFixed(0)} calls/s, server CPU ${median(cpuUs).toFixed(1)} µs a call`,
  )
}
const [grpcJs, direct] = contestants
const ratios = (pick: (contestant: Contestant) => readonly number[]): number[] =>
  grpcJs === undefined || direct === undefined
    ? []
    : pick(grpcJs).map((value, round) => value / (pick(direct)[round] ?? Number.NaN))
console.log(`http2 over grpc-js: throughput ×${(1 / median(ratios(({ perSecond }) => perSecond))).toFixed(2)}`)
console.log(`grpc-js over http2: server CPU ×${median(ratios(({ cpuUs }) => cpuUs)).toFixed(2)}`)
for (const { child, sessions } of contestants) {
  for (const session of sessions) session.destroy()
  child.kill()
}
