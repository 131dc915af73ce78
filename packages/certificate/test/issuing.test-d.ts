import { parsePublicKey, type ProvenKey, type PublicKey } from '@meshid/keys'
import { parseSpiffeId, type SpiffeId } from '@meshid/spiffe-id'
import {
  createIntermediateCertificate,
  createIssuer,
  type CreateIssuerOptions,
  createRootCertificate,
  type IssuedCertificate,
  type Issuer,
  intermediateTemplate,
  rootTemplate,
  workloadTemplate,
  type WorkloadIdentity,
} from '@meshid/certificate'
import { expectTypeOf, test } from 'vitest'

declare const issuer: Issuer
declare const proven: ProvenKey
declare const unverifiedCsr: { readonly publicKey: PublicKey; readonly der: Uint8Array }
const now = new Date(0)
const identity = { spiffeId: parseSpiffeId('spiffe://td/web') }

test('a proven key and a typed identity make a leaf', () => {
  expectTypeOf(issuer.issue({ identity, key: proven, now })).resolves.toEqualTypeOf<IssuedCertificate>()
})

test('a parsed key proves nothing, so it gets no certificate', () => {
  const key = parsePublicKey(new Uint8Array())
  // @ts-expect-error a parsed key for a leaf
  void issuer.issue({ identity, key, now })
  // @ts-expect-error its bytes neither
  void issuer.issue({ identity, key: key.spki, now })
  // @ts-expect-error nor for a CA
  void createIntermediateCertificate({ issuer: { chain: [], signer: undefined as never }, key, commonName: 'ca', now })
})

test('an unverified CSR, or its key, gets no certificate', () => {
  // @ts-expect-error the request itself
  void issuer.issue({ identity, key: unverifiedCsr, now })
  // @ts-expect-error the key in it
  void issuer.issue({ identity, key: unverifiedCsr.publicKey, now })
  const lookAlike = { spki: proven.spki, algorithm: proven.algorithm, publicKey: proven.publicKey }
  // @ts-expect-error a look-alike of a proven key
  void issuer.issue({ identity, key: lookAlike, now })
})

test('a string is no identity, and no identity is none', () => {
  // @ts-expect-error a string as an identity
  void issuer.issue({ identity: 'spiffe://td/web', key: proven, now })
  // @ts-expect-error a string as a SPIFFE ID
  void issuer.issue({ identity: { spiffeId: 'spiffe://td/web' }, key: proven, now })
  // @ts-expect-error a string as a DNS name
  void issuer.issue({ identity: { dnsName: 'web.example' }, key: proven, now })
  // @ts-expect-error neither name
  void issuer.issue({ identity: {}, key: proven, now })
  // @ts-expect-error both undefined
  void issuer.issue({ identity: { spiffeId: undefined, dnsName: undefined }, key: proven, now })
  expectTypeOf<{ spiffeId: SpiffeId }>().toExtend<WorkloadIdentity>()
})

test('time is an argument', () => {
  // @ts-expect-error no now
  void issuer.issue({ identity, key: proven })
  // @ts-expect-error no now for a CA either
  void createRootCertificate({ signer: undefined as never, commonName: 'root' })
  // @ts-expect-error nor for an issuer
  void createIssuer({ chain: [], signer: undefined as never, trustAnchors: undefined as never })
})

test('leaves are not made by the template of a CA, nor is anything by one that was changed', () => {
  expectTypeOf<NonNullable<CreateIssuerOptions['template']>>().toEqualTypeOf(workloadTemplate())
  expectTypeOf(rootTemplate('a')).not.toExtend<CreateIssuerOptions['template']>()
  expectTypeOf(intermediateTemplate('a')).not.toExtend<CreateIssuerOptions['template']>()
  // @ts-expect-error templates are read-only
  workloadTemplate().ca = true
})

test('an issued certificate cannot be changed', () => {
  expectTypeOf<IssuedCertificate>().toHaveProperty('der')
  const issued = undefined as unknown as IssuedCertificate
  // @ts-expect-error read-only
  void ((value: IssuedCertificate) => (value.der = new Uint8Array()))(issued)
})
