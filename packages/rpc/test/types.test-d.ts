import { createIdentityClient, createIdentityService, RpcError, type RpcErrorCode, type RpcStatus } from '@meshid/rpc'
import { expectTypeOf, test } from 'vitest'

test('a client must say how it is protected', () => {
  // @ts-expect-error -- no default: plaintext is a decision
  createIdentityClient({ address: 'localhost:8080' })
  // @ts-expect-error -- not a boolean
  createIdentityClient({ address: 'localhost:8080', credentials: false })
})

test('a status is one of gRPC', () => {
  expectTypeOf<RpcErrorCode>().toEqualTypeOf<`RPC_${RpcStatus}`>()
  // @ts-expect-error -- OK is no failure
  expectTypeOf(new RpcError('OK', '')).toBeObject()
})

test('validUntil is a Date', () => {
  createIdentityService({
    // @ts-expect-error -- a number of milliseconds is no instant here
    certify: async () => ({ leafCertificate: new Uint8Array(), intermediateCertificates: [], validUntil: 0 }),
  })
})
