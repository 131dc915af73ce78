import { describe, expect, test } from 'vitest'
import { meshid, meshidJson } from './meshid.ts'

const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'
const serviceAccount = 'system:serviceaccount:emojivoto:web'
const linkerdName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
const mesh = ['--trust-domain', 'cluster.local', '--control-namespace', 'linkerd']
const allForms = { trustDomain: 'cluster.local', spiffeId, serviceAccount, linkerdName, missing: {} }

describe('meshid id inspect', () => {
  test.each([
    ['spiffe-id', spiffeId],
    ['service-account', serviceAccount],
    ['linkerd-name', linkerdName],
  ])('says that a name is a %s and gives every equivalent form', async (kind, text) => {
    const { code, json, err } = await meshidJson(['id', 'inspect', text, ...mesh])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(json).toEqual({ kind, ...allForms })
  })

  test('shows people one line for each form', async () => {
    const { code, out } = await meshid(['id', 'inspect', linkerdName])
    expect(code).toBe(0)
    expect(out).toBe(`\
Kind:                Linkerd name
Trust domain:        cluster.local
SPIFFE ID:           ${spiffeId}
Service account:     ${serviceAccount}
Linkerd name:        ${linkerdName}
`)
  })

  test('says which option is missing for a form, and does not guess it', async () => {
    const { out } = await meshid(['id', 'inspect', serviceAccount])
    expect(out).toContain('SPIFFE ID:           none (give --trust-domain)')
    expect((await meshidJson(['id', 'inspect', spiffeId])).json).toMatchObject({
      linkerdName: null,
      missing: { linkerdName: 'give --control-namespace' },
    })
    expect((await meshidJson(['id', 'inspect', serviceAccount, '--trust-domain', 'a.test'])).json).toMatchObject({
      spiffeId: 'spiffe://a.test/ns/emojivoto/sa/web',
      missing: { linkerdName: 'give --control-namespace' },
    })
  })

  test('says why a form cannot exist: a service account with dots has no Linkerd name (Q28)', async () => {
    const { code, json } = await meshidJson(['id', 'inspect', 'system:serviceaccount:shop:web.v2', ...mesh])
    expect(code).toBe(0)
    expect(json).toMatchObject({
      spiffeId: 'spiffe://cluster.local/ns/shop/sa/web.v2',
      linkerdName: null,
      missing: { linkerdName: expect.stringMatching(/^SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL: /) },
    })
  })

  test('takes a SPIFFE ID that names no service account, or a whole trust domain (ID-15)', async () => {
    const { json } = await meshidJson(['id', 'inspect', 'spiffe://example.org', ...mesh.slice(2)])
    expect(json).toMatchObject({
      trustDomain: 'example.org',
      missing: { serviceAccount: expect.stringMatching(/^SPIFFE_ID_NOT_A_SERVICE_ACCOUNT: /) },
    })
  })

  test.each([
    ['spiffe://Example.org/a', 'SPIFFE_ID_TRUST_DOMAIN_UPPERCASE'],
    ['SPIFFE://example.org/a', 'SPIFFE_ID_SCHEME_UPPERCASE'],
    ['spiffe://example.org/a/', 'SPIFFE_ID_TRAILING_SLASH'],
    ['system:node:worker-1', 'SPIFFE_ID_USERNAME_NOT_SERVICE_ACCOUNT'],
    ['system:serviceaccount:Shop:web', 'SPIFFE_ID_NAMESPACE_INVALID'],
    ['web.serviceaccount.identity.linkerd.cluster.local', 'SPIFFE_ID_LINKERD_NAME_PARTS'],
    ['web.shop.serviceaccount.identity.linkerd', 'SPIFFE_ID_TRUST_DOMAIN_EMPTY'],
    ['cluster.local', 'CLI_ID_UNRECOGNIZED'],
    ['', 'CLI_ID_UNRECOGNIZED'],
  ])('refuses %j with %s, a next step and exit 1', async (text, code) => {
    const run = await meshid(['id', 'inspect', text])
    expect({ code: run.code, out: run.out }).toEqual({ code: 1, out: '' })
    expect(run.err).toMatch(new RegExp(`^meshid: ${code}: .*expected .*found .*\n[^]* {2}next: .+\n$`))
  })

  test.each([
    [spiffeId, ['--trust-domain', 'other.test'], 'SPIFFE_ID_NOT_A_MEMBER'],
    [linkerdName, ['--trust-domain', 'other.test'], 'SPIFFE_ID_LINKERD_NAME_SUFFIX'],
    [linkerdName, ['--control-namespace', 'mesh'], 'SPIFFE_ID_LINKERD_NAME_SUFFIX'],
    [serviceAccount, ['--trust-domain', 'a/b'], 'SPIFFE_ID_TRUST_DOMAIN_CHARACTER'],
  ])('refuses %s with %j, which contradict each other or themselves: %s', async (text, options, code) => {
    const run = await meshid(['id', 'inspect', text, ...options])
    expect(run.code).toBe(1)
    expect(run.err).toContain(`meshid: ${code}: `)
  })

  test('an unknown text is not repeated, for it may be a token that was pasted by mistake', async () => {
    const { err } = await meshid(['id', 'inspect', 'eyJhbGciOiJFUzI1NiJ9.secret.signature'])
    expect(err).toContain('found another text of 37 characters')
    expect(err).not.toContain('secret')
  })
})
