import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { identityServiceDefinition } from '@meshid/rpc'
import { describe, expect, test, vi } from 'vitest'
import { startServer } from './server-process.ts'
import { createWorld, goodRequest } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

const CALLS = 400
const { path, requestSerialize } = identityServiceDefinition.certify
const isMissing = spawnSync('h2load', ['--version']).error !== undefined
if (isMissing) console.info('h2load is missing (Debian: nghttp2-client): the calls of a foreign client are skipped')

/** A message as it goes over the wire. */
function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** Posts a file again and again, over 4 connections with 16 calls at once each, and gives what h2load says of it. */
async function h2load(url: string, file: string): Promise<string> {
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']
  const args = ['-n', String(CALLS), '-c', '4', '-m', '16', '-d', file, ...headers, url]
  return (await promisify(execFile)('h2load', args)).stdout
}

describe.skipIf(isMissing)('h2load, which knows nothing of gRPC but HTTP/2', () => {
  test.each(['http2', 'grpc-js'])('gets only certificates over %s', async (transport) => {
    await using world = await createWorld()
    await using server = await startServer(world, [`--transport=${transport}`])
    const body = join(world.folder, 'certify.bin')
    await writeFile(body, framed(requestSerialize(await goodRequest(world))))

    const said = await h2load(`http://127.0.0.1:${server.grpcPort}${path}`, body)

    expect(said).toContain(`${CALLS} total, ${CALLS} started, ${CALLS} done, ${CALLS} succeeded, 0 failed, 0 errored`)
    expect(said).toContain(`status codes: ${CALLS} 2xx, 0 3xx, 0 4xx, 0 5xx`)
    const { body: metrics } = await server.get('/metrics')
    const handled = [...metrics.matchAll(/^grpc_server_handled_total\{.*grpc_code="(\w+)"\} (\d+)$/gm)]
    expect(handled.map(([, code, count]) => [code, count])).toEqual([['OK', String(CALLS)]])
    expect(metrics).toContain(`identity_certificates_issued_total ${CALLS}\n`)
    expect(metrics).toMatch(new RegExp(`^grpc_server_msg_sent_total\\{.*\\} ${CALLS}$`, 'm'))
  })
})
