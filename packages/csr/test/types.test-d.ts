import {
  type CsrErrorCode,
  type CsrKeyAlgorithm,
  matchCsr,
  ParsedCsr,
  parseCsr,
  VerifiedCsr,
  verifyCsr,
} from '@meshid/csr'
import type { ProvenKey, PublicKey } from '@meshid/keys'
import { expectTypeOf, test } from 'vitest'

declare function issueFor(key: ProvenKey): void
declare const der: Uint8Array

test('a parsed request has no proven key', () => {
  const parsed = parseCsr(der)
  // @ts-expect-error only verifyCsr yields a key that may be certified
  issueFor(parsed.key)
  // @ts-expect-error possession of this key was not shown
  issueFor(parsed.publicKey)
  issueFor(verifyCsr(parsed).key)
  expectTypeOf(parsed.publicKey).toEqualTypeOf<PublicKey>()
})

test('a parsed request is not a verified one; a verified one is a parsed one', () => {
  expectTypeOf<ParsedCsr>().not.toExtend<VerifiedCsr>()
  expectTypeOf<VerifiedCsr>().toExtend<ParsedCsr>()
})

test('nobody else makes them', () => {
  // @ts-expect-error the constructor is protected
  void new ParsedCsr({})
  // @ts-expect-error the constructor is private
  void new VerifiedCsr({}, parseCsr(der).publicKey)
  // @ts-expect-error bytes must be parsed first
  verifyCsr(der)
  // @ts-expect-error a look-alike has no brand
  matchCsr({ dnsNames: ['a'], uris: [] }, { dnsNames: ['a'] })
})

test('facts cannot be written', () => {
  const csr = parseCsr(der)
  // @ts-expect-error read-only
  csr.dnsNames.push('a')
  // @ts-expect-error read-only
  csr.subject.commonName = 'a'
})

test('RSA is not among the keys, and codes are a closed union', () => {
  expectTypeOf<CsrKeyAlgorithm>().toEqualTypeOf<'P-256' | 'P-384' | 'Ed25519'>()
  expectTypeOf<'CSR_NONSENSE'>().not.toExtend<CsrErrorCode>()
})
