import { type Issuer } from '@meshid/certificate'
import {
  type CertifierOptions,
  createIssuerHolder,
  type Profile,
  spiffeProfile,
  type StatusName,
} from '@meshid/identity'
import type { CsrMemory } from '@meshid/csr'
import type { Verifier } from '@meshid/keys'
import type { RpcStatus } from '@meshid/rpc'
import { expectTypeOf, test } from 'vitest'

test('a trust domain is no string', () => {
  // @ts-expect-error -- parseTrustDomain makes one
  spiffeProfile({ trustDomain: 'cluster.local' })
})

test('a holder takes issuers only', () => {
  // @ts-expect-error -- a certificate and a key are no issuer before createIssuer has tried them
  createIssuerHolder().replace({ certificate: new Uint8Array() }, new Date())
  expectTypeOf(createIssuerHolder().current).toEqualTypeOf<Issuer | undefined>()
})

test('a profile names something', () => {
  // @ts-expect-error -- neither spiffe nor linkerd
  const nameless: Profile['names'] = {}
  expectTypeOf(nameless).toBeObject()
})

test('the statuses of refusals are statuses of gRPC', () => {
  expectTypeOf<StatusName>().toExtend<RpcStatus>()
})

test('a certifier has a verifier or a memory with one, not both and not neither', () => {
  type Parts = Omit<CertifierOptions, 'verifier' | 'csrMemory'>
  expectTypeOf<Parts & { verifier: Verifier }>().toExtend<CertifierOptions>()
  expectTypeOf<Parts & { csrMemory: CsrMemory }>().toExtend<CertifierOptions>()
  expectTypeOf<Parts>().not.toExtend<CertifierOptions>()
  expectTypeOf<Parts & { verifier: Verifier; csrMemory: CsrMemory }>().not.toExtend<CertifierOptions>()
})
