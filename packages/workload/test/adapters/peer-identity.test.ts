import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { request } from 'node:https'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  Client,
  type Metadata,
  Server,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { createTestCa } from '@meshid/testkit'
import {
  connectMtlsHttp2,
  createMtlsHttp2Server,
  createMtlsHttpsAgent,
  createMtlsHttpsServer,
  linkerdPeer,
  type PeerCarrier,
  peerIdentity,
} from '@meshid/workload'
import { createMtlsChannelCredentials, createMtlsGrpcListener } from '@meshid/workload/grpc'
import { expect, onTestFinished, test } from 'vitest'
import { linkerdCredential, linkerdTrustIn } from '../linkerd-rig.ts'
import { listening, portOf, sourceOf, trustIn } from '../mtls-rig.ts'
import { createQueue } from '../queue.ts'
import { refusalOf } from '../refusal.ts'
import { credentialOf, now, voting, web, webDnsName } from '../world.ts'

const ca = await createTestCa({ now })
const source = sourceOf(await credentialOf(ca, voting))
const clientSource = sourceOf(await credentialOf(ca, web))
const trust = trustIn(ca)
const host = '127.0.0.1'
const idOf = (carrier: PeerCarrier): string => String(peerIdentity(carrier).spiffeId)

test('http: of a request, its socket, and at the client of the response', async () => {
  const seen = createQueue<readonly string[]>()
  const server = await listening(
    createMtlsHttpsServer({ source, trust }, (question, answer) => {
      seen.push([idOf(question), idOf(question.socket), idOf(answer.req)])
      answer.end()
    }),
  )
  const agent = createMtlsHttpsAgent({ source: clientSource, trust })
  const [response] = (await once(request({ host, port: portOf(server), agent }).end(), 'response')) as [IncomingMessage]
  expect(await seen.next()).toEqual([String(web), String(web), String(web)])
  expect([idOf(response), idOf(response.socket)]).toEqual([String(voting), String(voting)])
  response.resume()
  await once(response, 'end')
  agent.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test('http2: of a stream, its session, a compatible request and its socket, and at the client of the session', async () => {
  const seen = createQueue<readonly string[]>()
  const requests = createQueue<Http2ServerRequest>()
  const server = await listening(
    createMtlsHttp2Server({ source, trust }, (question, answer) => {
      const { session } = question.stream
      seen.push([idOf(question), idOf(question.socket), idOf(question.stream), session ? idOf(session) : 'none'])
      requests.push(question)
      answer.end()
    }),
  )
  const session = await connectMtlsHttp2({ host, port: portOf(server), source: clientSource, trust })
  expect(idOf(session)).toBe(String(voting))
  await text(session.request({ ':path': '/' }))
  expect(await seen.next()).toEqual(Array.from({ length: 4 }, () => String(web)))
  session.destroy()
  const question = await requests.next()
  await new Promise((resolve) => server.close(resolve))
  const error = await refusalOf(() => peerIdentity(question.stream))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNIDENTIFIED' }) // It has ended, and HTTP/2 forgot whose it was.
})

const method = (name: string, requestStream: boolean, responseStream: boolean) => {
  const encode = (value: string): Buffer => Buffer.from(value)
  const decode = (bytes: Buffer): string => bytes.toString()
  const codec = { requestSerialize: encode, requestDeserialize: decode }
  return {
    path: `/test.WhoAmI/${name}`,
    requestStream,
    responseStream,
    ...codec,
    responseSerialize: encode,
    responseDeserialize: decode,
  }
}

test('grpc-js: of a call of any of the four kinds, and of no other with the same metadata', async () => {
  const definition = {
    unary: method('Unary', false, false),
    upload: method('Upload', true, false),
    download: method('Download', false, true),
    both: method('Both', true, true),
  } satisfies ServiceDefinition
  const metadata = createQueue<Metadata>()
  const server = new Server()
  server.addService(definition, {
    unary(call: ServerUnaryCall<string, string>, answer: (error: null, value: string) => void) {
      metadata.push(call.metadata)
      answer(null, idOf(call))
    },
    upload: (call: ServerReadableStream<string, string>, answer: (error: null, value: string) => void) => {
      call.resume().on('end', () => answer(null, idOf(call)))
    },
    download: (call: ServerWritableStream<string, string>) => {
      call.write(idOf(call))
      call.end()
    },
    both: (call: ServerDuplexStream<string, string>) => {
      call.resume().on('end', () => {
        call.write(idOf(call))
        call.end()
      })
    },
  })
  const listener = await listening(createMtlsGrpcListener(server, { source, trust }))
  const client = new Client(
    `${host}:${portOf(listener)}`,
    createMtlsChannelCredentials({ source: clientSource, trust }),
  )
  onTestFinished(() => {
    client.close()
    server.forceShutdown()
    listener.close()
  })
  const { unary, upload, download, both } = definition
  const encode = unary.requestSerialize
  const decode = unary.responseDeserialize
  const answers = createQueue<string | undefined>()
  const settle = (_error: unknown, value: string | undefined): void => answers.push(value)
  client.makeUnaryRequest(unary.path, encode, decode, 'who?', settle)
  client.makeClientStreamRequest(upload.path, encode, decode, settle).end()
  client
    .makeServerStreamRequest(download.path, encode, decode, 'who?')
    .on('data', (value) => answers.push(String(value)))
  const duplex = client.makeBidiStreamRequest(both.path, encode, decode)
  duplex.on('data', (value) => answers.push(String(value)))
  duplex.end()
  for (const _kind of [unary, upload, download, both]) expect(await answers.next()).toBe(String(web))
  const copy = (await metadata.next()).clone()
  expect((await refusalOf(() => peerIdentity({ metadata: copy }))).code).toBe('WORKLOAD_PEER_UNIDENTIFIED')
})

test('in a Linkerd mesh a peer has a Linkerd name, and is asked for by that', async () => {
  const names = createQueue<string>()
  const linkerdSource = sourceOf(await linkerdCredential(ca, webDnsName))
  const linkerdTrust = linkerdTrustIn(ca)
  const server = await listening(
    createMtlsHttpsServer({ source: linkerdSource, trust: linkerdTrust }, (question, answer) => {
      names.push(String(linkerdPeer(question).linkerdName))
      expect(() => peerIdentity(question)).toThrow('found one of the other kind of mesh')
      answer.end()
    }),
  )
  const agent = createMtlsHttpsAgent({ source: linkerdSource, trust: linkerdTrust })
  const [response] = (await once(request({ host, port: portOf(server), agent }).end(), 'response')) as [IncomingMessage]
  response.resume()
  expect(await names.next()).toBe(String(webDnsName))
  agent.destroy()
  await new Promise((resolve) => server.close(resolve))
})

test.each<[string, object]>([
  ['a plain socket', new Socket()],
  ['a request that came through another server', { socket: new Socket() }],
  ['a gRPC call of another server', { metadata: {} }],
  ['a stream without a session', { session: undefined }],
  ['something whose properties cannot be read', new Proxy({}, { get: () => failing() })],
])('%s: nobody is known to be there, and that is an error', async (_what, carrier) => {
  const error = await refusalOf(() => peerIdentity(carrier))
  expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNIDENTIFIED', detail: { expected: 'an SVID', found: 'none' } })
  expect((await refusalOf(() => linkerdPeer(carrier))).detail.expected).toBe('a Linkerd name')
})

function failing(): never {
  throw new Error('gone')
}
