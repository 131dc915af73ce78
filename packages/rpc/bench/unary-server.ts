import { createGrpcJsRpcServer, createHttp2RpcServer, createIdentityService } from '@meshid/rpc'

/** The server of unary-throughput.ts, a process of its own: it answers at once, and tells what CPU it has used. */
const create = process.argv[2] === 'http2' ? createHttp2RpcServer : createGrpcJsRpcServer
const response = {
  leafCertificate: new Uint8Array(500),
  intermediateCertificates: [new Uint8Array(450)],
  validUntil: new Date('2026-11-22T00:00:00Z'),
}
const server = create({ services: [createIdentityService({ certify: async () => response })] })
process.send?.({ port: await server.listen('127.0.0.1:0') })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuUs: user + system })
})
