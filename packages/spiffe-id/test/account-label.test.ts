import {
  decodeAccountLabel,
  encodeAccountLabel,
  linkerdName,
  linkerdNameOf,
  parseLinkerdName,
  parseSpiffeId,
  parseTrustDomain,
  serviceAccount,
  spiffeIdOfLinkerdName,
} from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

const strict = { controlNamespace: 'linkerd', trustDomain: parseTrustDomain('cluster.local') }
const mesh = { ...strict, dottedAccounts: 'underscore' } as const
const suffix = '.default.serviceaccount.identity.linkerd.cluster.local'

describe('a mesh that writes the dots of service accounts as underscores (Q28)', () => {
  it.each([
    ['web.v1', `web_v1${suffix}`],
    ['a.b.c', `a_b_c${suffix}`],
    ['web', `web${suffix}`],
    ['a-b', `a-b${suffix}`],
  ])('%s is %s', (name, text) => {
    const account = serviceAccount('default', name)
    expect(linkerdName({ ...mesh, serviceAccount: account }).toString()).toBe(text)
    expect(parseLinkerdName(text, mesh).serviceAccount.equals(account)).toBe(true)
  })

  it('converts to the SPIFFE ID and back, which carries the dots as they are', () => {
    const id = parseSpiffeId('spiffe://cluster.local/ns/default/sa/web.v1')
    const name = linkerdNameOf(id, { controlNamespace: 'linkerd', dottedAccounts: 'underscore' })
    expect(name.toString()).toBe(`web_v1${suffix}`)
    expect(spiffeIdOfLinkerdName(name).equals(id)).toBe(true)
  })

  it('has one name for each account: dots as such are refused, and so is a namespace with an underscore', () => {
    expect(codeAndOffset(() => parseLinkerdName(`web.v1${suffix}`, mesh))).toEqual([
      'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
      3,
    ])
    expect(codeAndOffset(() => parseLinkerdName(`web_.v1${suffix}`, mesh))[0]).toBe(
      'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
    )
    const inNamespace = 'web.a_b.serviceaccount.identity.linkerd.cluster.local'
    expect(codeAndOffset(() => parseLinkerdName(inNamespace, mesh))).toEqual(['SPIFFE_ID_NAMESPACE_INVALID', 5])
  })

  it.each(['_web', 'web_', 'a__b', 'a-_b', 'a_-b', '_'])('%s is the label of no account', (label) =>
    expect(codeAndOffset(() => parseLinkerdName(`${label}${suffix}`, mesh))[0]).toBe(
      'SPIFFE_ID_SERVICE_ACCOUNT_INVALID',
    ),
  )

  it('still has no name for an account over 63 bytes, the length of a DNS label', () => {
    const ok = serviceAccount('default', `${'a'.repeat(31)}.${'b'.repeat(31)}`)
    expect(linkerdName({ ...mesh, serviceAccount: ok }).toString()).toContain('a_b')
    const long = serviceAccount('default', `${'a'.repeat(31)}.${'b'.repeat(32)}`)
    expect(codeAndDetail(() => linkerdName({ ...mesh, serviceAccount: long }))).toMatchObject({
      code: 'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
      found: '64 bytes',
    })
  })
})

describe('a mesh that is not asked to', () => {
  it('takes no underscores for dots', () =>
    expect(codeAndOffset(() => parseLinkerdName(`web_v1${suffix}`, strict))).toEqual([
      'SPIFFE_ID_SERVICE_ACCOUNT_INVALID',
      3,
    ]))
})

it('the encoding is its own inverse the other way round, and leaves other names alone', () => {
  expect(encodeAccountLabel('a.b-c.d')).toBe('a_b-c_d')
  expect(decodeAccountLabel('a_b-c_d')).toBe('a.b-c.d')
  expect(encodeAccountLabel('web')).toBe('web')
})
