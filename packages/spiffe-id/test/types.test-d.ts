import {
  matchId,
  parseSpiffeId,
  parseTrustDomain,
  serviceAccount,
  spiffeId,
  type spiffeIdErrorCodes,
  spiffeIdOf,
  type IdMatcher,
  type LinkerdName,
  type ServiceAccount,
  SpiffeId,
  type SpiffeIdErrorCode,
  TrustDomain,
} from '@meshid/spiffe-id'
import { expectTypeOf, test } from 'vitest'

test('ID-29: a value cannot be made from a string or from its parts', () => {
  // @ts-expect-error a string is no SPIFFE ID
  expectTypeOf<SpiffeId>('spiffe://td')
  // @ts-expect-error the constructor is private
  expectTypeOf(new SpiffeId('spiffe://td'))
  // @ts-expect-error the constructor is private
  expectTypeOf(new TrustDomain('td'))
  // @ts-expect-error a lookalike has not the brand
  const trustDomain: TrustDomain = {
    name: 'td',
    id: parseSpiffeId('spiffe://td'),
    equals: () => true,
    toJSON: () => 'td',
  }
  // @ts-expect-error a lookalike has not the brand
  const account: ServiceAccount = { namespace: 'ns', name: 'sa', username: '', equals: () => true }
  // @ts-expect-error a lookalike has not the brand
  const name: LinkerdName = { serviceAccount: account, controlNamespace: 'linkerd', trustDomain }
  expectTypeOf(name).toEqualTypeOf<LinkerdName>()
})

test('ID-29: values are read-only', () => {
  const id = parseSpiffeId('spiffe://td/a')
  // @ts-expect-error read-only
  id.path = '/b'
  // @ts-expect-error read-only
  id.segments.push('b')
})

test('kinds of values do not mix', () => {
  const td = parseTrustDomain('td')
  // @ts-expect-error a trust domain is no SPIFFE ID
  matchId.exact(td)
  // @ts-expect-error a SPIFFE ID is no trust domain
  matchId.memberOf(td.id)
  // @ts-expect-error the service account comes first
  spiffeIdOf(td, serviceAccount('ns', 'sa'))
  // @ts-expect-error only strings are interpolated
  expectTypeOf(spiffeId(td)`/${7}`)
  expectTypeOf(matchId.exact(td.id)).toEqualTypeOf<IdMatcher>()
})

test('codes are the keys of the table', () => {
  expectTypeOf<keyof typeof spiffeIdErrorCodes>().toEqualTypeOf<SpiffeIdErrorCode>()
})
