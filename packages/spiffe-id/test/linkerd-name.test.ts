import { linkerdName, LinkerdName, parseLinkerdName, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset, refusal } from './refusal.ts'

const mesh = { controlNamespace: 'linkerd', trustDomain: parseTrustDomain('cluster.local') }
const web = 'web.default.serviceaccount.identity.linkerd.cluster.local'

describe('linkerdName', () => {
  it('writes <sa>.<ns>.serviceaccount.identity.<control-ns>.<trust-domain>', () => {
    const name = linkerdName({ ...mesh, serviceAccount: serviceAccount('default', 'web') })
    expect(name.toString()).toBe(web)
    expect(name.controlNamespace).toBe('linkerd')
    expect(name.trustDomain.name).toBe('cluster.local')
  })

  it('Q28: refuses a service account with dots, and says why and what to use instead', () => {
    const error = refusal(() => linkerdName({ ...mesh, serviceAccount: serviceAccount('default', 'web.v1') }))
    expect(error.code).toBe('SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL')
    expect(error.detail).toMatchObject({ offset: 3, found: '"." (0x2E)', reasons: ['must not contain dots'] })
    expect(error.message).toContain('one DNS label')
    expect(error.message).toContain('SPIFFE ID can carry it')
  })

  it('Q28: refuses a service account over 63 bytes, which Kubernetes allows', () => {
    const long = serviceAccount('default', 'a'.repeat(64))
    expect(codeAndDetail(() => linkerdName({ ...mesh, serviceAccount: long }))).toMatchObject({
      code: 'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
      found: '64 bytes',
    })
  })

  it.each([
    ['a_b', 1],
    ['td.', 2],
    ['..', 0],
    [`x.${'a'.repeat(64)}`, undefined],
  ])('refuses the trust domain %j, which is a SPIFFE one but no DNS name', (name, offset) => {
    const parts = { ...mesh, trustDomain: parseTrustDomain(name), serviceAccount: serviceAccount('ns', 'sa') }
    expect(codeAndOffset(() => linkerdName(parts))).toEqual(['SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID', offset])
  })

  it('refuses a control-plane namespace that is no label', () => {
    const parts = { ...mesh, controlNamespace: 'a.b', serviceAccount: serviceAccount('ns', 'sa') }
    expect(codeAndOffset(() => linkerdName(parts))).toEqual(['SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID', 1])
  })

  it('refuses a name over 253 bytes', () => {
    const label = 'a'.repeat(60)
    const trustDomain = parseTrustDomain(`${label}.${label}`)
    const parts = { controlNamespace: label, trustDomain, serviceAccount: serviceAccount(label, 'sa') }
    expect(codeAndDetail(() => linkerdName(parts))).toMatchObject({
      code: 'SPIFFE_ID_LINKERD_NAME_TOO_LONG',
      limit: 253,
    })
  })

  it('is frozen, unforgeable, equal byte for byte, and prints as itself', () => {
    const name = parseLinkerdName(web, mesh)
    expect(Object.isFrozen(name)).toBe(true)
    expect(() => Reflect.construct(LinkerdName, [undefined, {}, web])).toThrow(TypeError)
    expect(name.equals(linkerdName({ ...mesh, serviceAccount: serviceAccount('default', 'web') }))).toBe(true)
    expect(name.equals(linkerdName({ ...mesh, serviceAccount: serviceAccount('default', 'api') }))).toBe(false)
    expect(JSON.stringify({ name })).toBe(`{"name":"${web}"}`)
  })
})

describe('parseLinkerdName', () => {
  it('reads what linkerdName writes', () => {
    const name = parseLinkerdName(web, mesh)
    expect(name.serviceAccount.username).toBe('system:serviceaccount:default:web')
    expect(name.toString()).toBe(web)
  })

  it.each([
    [`${web}.`, web.length],
    ['web.default.serviceaccount.identity.linkerd.cluster.example', web.length + 1],
    ['web.default.serviceaccount.identity.other.cluster.local', 40],
    ['web.default.user.identity.linkerd.cluster.local', 15],
    ['web.default.ServiceAccount.identity.linkerd.cluster.local', 19],
    ['cluster.local', 0],
    ['', 0],
  ])('%j is not of this mesh', (text, offset) =>
    expect(codeAndOffset(() => parseLinkerdName(text, mesh))).toEqual(['SPIFFE_ID_LINKERD_NAME_SUFFIX', offset]),
  )

  it.each([
    ['default.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_LINKERD_NAME_PARTS', 7],
    ['.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_LINKERD_NAME_PARTS', 0],
    ['.default.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_SERVICE_ACCOUNT_INVALID', 0],
    ['web..serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_NAMESPACE_INVALID', 4],
    ['*.default.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_SERVICE_ACCOUNT_INVALID', 0],
    ['Web.default.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_SERVICE_ACCOUNT_INVALID', 0],
    [
      'web.v1.default.serviceaccount.identity.linkerd.cluster.local',
      'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
      3,
    ],
    ['a'.repeat(300), 'SPIFFE_ID_LINKERD_NAME_TOO_LONG', 253],
  ])('%j is refused with %s', (text, code, offset) =>
    expect(codeAndOffset(() => parseLinkerdName(text, mesh))).toEqual([code, offset]),
  )

  it('values that are no strings are bugs of the caller', () => {
    expect(() => Reflect.apply(parseLinkerdName, undefined, [undefined, mesh])).toThrow(TypeError)
    expect(() => Reflect.apply(parseLinkerdName, undefined, [web, { ...mesh, controlNamespace: 7 }])).toThrow(TypeError)
  })
})
