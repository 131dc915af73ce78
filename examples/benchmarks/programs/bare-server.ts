/**
 * The practical floor of a Certify call on `node:http2`: a server that verifies and signs something else for each call and answers the
 * same bytes to all. It reads no request, decides nothing, and has no limits. The path of a call says how much it does.
 */
import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { answerLines } from '../src/answer-lines.ts'
import { barePaths } from './bare-paths.ts'
import { createBenchCa } from './bench-ca.ts'
import { profileCalls } from './cpu-profile.ts'
import { createFloorWithImport, createSignature, createWorkloads, inTurn } from './workloads.ts'

/** About what the answer of a Certify call has: a leaf, an issuer, a time. */
const ANSWER_BYTES = 850

const { signerKey } = await createBenchCa()
const work: Readonly<Record<string, () => unknown>> = {
  [barePaths.fresh]: createFloorWithImport(inTurn(await createWorkloads(500)), signerKey),
  [barePaths.repeated]: createSignature(signerKey),
}
const answer = Buffer.alloc(ANSWER_BYTES)
const headers = [':status', '200', 'content-type', 'application/grpc+proto']
const withTrailers = { waitForTrailers: true, sendDate: false }
const trailers = { 'grpc-status': '0', 'grpc-message': 'OK' }

function respond(stream: ServerHttp2Stream, path: string): void {
  work[path]?.()
  stream.respond(headers, withTrailers)
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.end(answer)
}

// Calls that came in one turn are answered together, as those of our server are.
let waiting: (() => void)[] = []
function queue(call: () => void): void {
  if (waiting.length === 0) {
    setImmediate(() => {
      const calls = waiting
      waiting = []
      for (const each of calls) each()
    })
  }
  waiting.push(call)
}

const server = createServer()
server.on('stream', (stream, { ':path': path = '' }) => {
  stream.on('data', () => undefined)
  stream.on('end', () => queue(() => respond(stream, path)))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
answerLines((server.address() as AddressInfo).port, profileCalls())
