import {
  linkerdNameOf,
  MAX_SPIFFE_ID_BYTES,
  parseLinkerdName,
  parseSpiffeId,
  parseTrustDomain,
  serviceAccount,
  serviceAccountOf,
  spiffeIdOf,
  spiffeIdOfLinkerdName,
} from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

const trustDomain = parseTrustDomain('cluster.local')

describe('service account and SPIFFE ID', () => {
  it('convert into each other, dots in the name included (Q28)', () => {
    const id = spiffeIdOf(serviceAccount('default', 'web.v1'), trustDomain)
    expect(id.toString()).toBe('spiffe://cluster.local/ns/default/sa/web.v1')
    expect(serviceAccountOf(id).username).toBe('system:serviceaccount:default:web.v1')
  })

  it('ID-23 ID-24: the longest account in the longest trust domain fits', () => {
    const id = spiffeIdOf(serviceAccount('n'.repeat(63), 'a'.repeat(253)), parseTrustDomain('t'.repeat(255)))
    expect(id.toString()).toHaveLength(588)
    expect(id.toString().length).toBeLessThan(MAX_SPIFFE_ID_BYTES)
  })

  it('ID-38: no account gets an ID below the reserved /spire/, which itself parses', () => {
    expect(spiffeIdOf(serviceAccount('spire', 'server'), trustDomain).path).toBe('/ns/spire/sa/server')
    expect(parseSpiffeId('spiffe://td/spire/agent/x').segments[0]).toBe('spire')
  })

  it.each([
    'spiffe://td',
    'spiffe://td/ns/a',
    'spiffe://td/ns/a/sa',
    'spiffe://td/sa/a/ns/b',
    'spiffe://td/ns/a/sa/b/c',
    'spiffe://td/Ns/a/sa/b',
    'spiffe://td/ns/a/pod/b',
  ])('%j names no service account', (text) => {
    const id = parseSpiffeId(text)
    const detail = { code: 'SPIFFE_ID_NOT_A_SERVICE_ACCOUNT', found: id.path || 'no path' }
    expect(codeAndDetail(() => serviceAccountOf(id))).toMatchObject(detail)
  })

  it.each([
    ['spiffe://td/ns/A/sa/b', 'SPIFFE_ID_NAMESPACE_INVALID', 15],
    ['spiffe://td/ns/a.b/sa/b', 'SPIFFE_ID_NAMESPACE_INVALID', 16],
    ['spiffe://td/ns/a/sa/b_c', 'SPIFFE_ID_SERVICE_ACCOUNT_INVALID', 21],
  ])('%j has a part that Kubernetes would not allow', (text, code, offset) =>
    expect(codeAndOffset(() => serviceAccountOf(parseSpiffeId(text)))).toEqual([code, offset]),
  )
})

describe('Linkerd name and SPIFFE ID', () => {
  const text = 'web.default.serviceaccount.identity.linkerd.cluster.local'

  it('convert into each other', () => {
    const name = parseLinkerdName(text, { controlNamespace: 'linkerd', trustDomain })
    const id = spiffeIdOfLinkerdName(name)
    expect(id.toString()).toBe('spiffe://cluster.local/ns/default/sa/web')
    expect(linkerdNameOf(id, { controlNamespace: 'linkerd' }).toString()).toBe(text)
  })

  it.each([
    ['spiffe://cluster.local/ns/default/sa/web.v1', 'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL'],
    ['spiffe://cluster_local/ns/default/sa/web', 'SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID'],
    ['spiffe://cluster.local/web', 'SPIFFE_ID_NOT_A_SERVICE_ACCOUNT'],
  ])('Q28: %j has no Linkerd name: %s', (id, code) =>
    expect(codeAndOffset(() => linkerdNameOf(parseSpiffeId(id), { controlNamespace: 'linkerd' }))[0]).toBe(code),
  )
})
