import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ChildServer, startChildServer, startNodeServer } from '../src/child-server.ts'
import { printResult, ratioOf } from '../src/result.ts'
import { type ServedContender, serverContest } from '../src/server-contest.ts'
import { barePaths } from './bare-paths.ts'
import { certifyPath as path, createCertifyRequests } from './certify-requests.ts'
import { buildGoServer } from './go-server.ts'
import { inTurn } from './workloads.ts'

const certifyServer = new URL('certify-server.ts', import.meta.url)

const requests = await createCertifyRequests()
const go = await buildGoServer()
const servers = {
  http2: await startNodeServer(certifyServer, 'http2'),
  bare: await startNodeServer(new URL('bare-server.ts', import.meta.url)),
  'grpc-js': await startNodeServer(certifyServer, 'grpc-js'),
  pkijs: await startNodeServer(certifyServer, 'pkijs'),
  ...('program' in go ? { go: await startChildServer([go.program]) } : {}),
}
const contender = (name: string, server: ChildServer, messages: readonly Uint8Array[]): ServedContender => ({
  name,
  server,
  path,
  nextMessage: inTurn(messages),
})

const bare = 'no code of ours: node:http2, import, verify, sign'
const bareSignature = 'no code of ours: node:http2, sign'
const outcomes = await serverContest(
  [
    contender('meshid on node:http2', servers.http2, requests.fresh),
    contender('meshid on node:http2, a CSR that it has seen', servers.http2, requests.repeated),
    { ...contender(bare, servers.bare, requests.fresh), path: barePaths.fresh, warmUpMs: 2500 },
    { ...contender(bareSignature, servers.bare, requests.repeated), path: barePaths.repeated, warmUpMs: 1000 },
    { ...contender('meshid on grpc-js', servers['grpc-js'], requests.fresh), warmUpMs: 3000 },
    { ...contender('pkijs on grpc-js', servers.pkijs, requests.fresh), warmUpMs: 3000 },
    ...(servers.go ? [{ ...contender('Go: grpc-go and crypto/x509', servers.go, requests.fresh), warmUpMs: 500 }] : []),
  ],
  {
    floorName: 'F: verify with a ready key, sign, in the server',
    floor: async () => ((await servers.http2.ask('floor')) as { readonly microseconds: number }).microseconds,
  },
)
for (const server of Object.values(servers)) await server.stop()
if ('program' in go) await rm(dirname(go.program), { recursive: true })

const ours = ratioOf(outcomes, 'meshid on node:http2')
const seen = ratioOf(outcomes, 'meshid on node:http2, a CSR')
const throughput = outcomes
  .slice(1)
  .map(({ name, callsPerSecond }) => `${name} ${callsPerSecond.toFixed(0)}`)
  .join('; ')
printResult({
  title: 'A whole Certify call, in processor time of a server on one core',
  outcomes,
  values: {
    T2: ours,
    T3: seen,
    T4: ratioOf(outcomes, 'pkijs on grpc-js') / ours,
    ...(servers.go ? { 'T4 Go': ratioOf(outcomes, 'Go') / ours } : {}),
  },
  notes: [
    `The practical floor is node:http2 with the bare cryptography: T2 is ${(ours / ratioOf(outcomes, bare)).toFixed(2)} of it, T3 ${(seen / ratioOf(outcomes, bareSignature)).toFixed(2)}.`,
    `Calls a second as the client saw them, 4 connections with 16 calls each: ${throughput}.`,
    ...('absent' in go ? [go.absent] : []),
  ],
})
