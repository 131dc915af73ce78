import { createSecureContext } from 'node:tls'
import {
  type ChannelCredentials,
  Client,
  credentials as grpcCredentials,
  Server,
  type ServiceDefinition,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { peerIdentity } from '@meshid/workload'
import { createMtlsChannelCredentials, createMtlsGrpcListener } from '@meshid/workload/grpc'
import { listening, portOf } from '../mtls-rig.ts'
import type { AdapterRow, WhoAmIClient } from './adapter-row.ts'

const path = '/meshid.test.WhoAmI/Ask'
const encode = (value: string): Buffer => Buffer.from(value)
const decode = (bytes: Buffer): string => bytes.toString()
const definition: ServiceDefinition = {
  ask: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: encode,
    requestDeserialize: decode,
    responseSerialize: encode,
    responseDeserialize: decode,
  },
}
const implementation: UntypedServiceImplementation = {
  ask(call: { readonly metadata: object }, answer: (error: null, value: string) => void) {
    answer(null, String(peerIdentity(call).spiffeId))
  },
}

/** A grpc-js server behind our listener, and a grpc-js channel with our credentials. */
export const grpcRow: AdapterRow = {
  name: 'grpc-js',
  alpnProtocols: ['h2'],
  async startServer(options) {
    const server = new Server()
    server.addService(definition, implementation)
    const listener = await listening(createMtlsGrpcListener(server, options))
    const close = async (): Promise<void> => {
      const closed = new Promise((resolve) => listener.close(resolve))
      server.forceShutdown()
      await closed
    }
    return { port: portOf(listener), server: listener, close }
  },
  createClient: ({ port, ...options }) => clientOf(port, createMtlsChannelCredentials(options)),
  async askForeign(port, identity) {
    const context = createSecureContext(identity)
    const client = clientOf(port, grpcCredentials.createFromSecureContext(context, { rejectUnauthorized: false }))
    try {
      return await client.ask()
    } catch (error) {
      return status[(error as ServiceError).code]
    } finally {
      await client.close()
    }
  },
}

function clientOf(port: number, credentials: ChannelCredentials): WhoAmIClient {
  const client = new Client(`127.0.0.1:${port}`, credentials, {
    'grpc.initial_reconnect_backoff_ms': 20,
    'grpc.max_reconnect_backoff_ms': 20,
    'grpc.min_reconnect_backoff_ms': 20,
    'grpc.use_local_subchannel_pool': 1,
  })
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, encode, decode, 'who am I?', (error, value) => {
          if (error) reject(error)
          else resolve(value ?? '')
        })
      }),
    close: async () => client.close(),
  }
}
