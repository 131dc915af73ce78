import { linkerdName, parseTrustDomain, serviceAccount, spiffeIdOfLinkerdName } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { verifyLinkerdPeerChain, type WorkloadErrorCode } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { linkerdTrustIn } from './linkerd-rig.ts'
import { refusalOf } from './refusal.ts'
import { hourMs, now, oddLeaf, trustDomain, web, webDnsName } from './world.ts'

const ca = await createTestCa({ now: new Date(now.getTime() - 3 * hourMs) })
const foreign = await createTestCa({ now })
const account = serviceAccount('emojivoto', 'web')
const usage = 'keyUsage=critical,digitalSignature,keyEncipherment'
const dns = `DNS:${webDnsName.toString()}`

const chainOf = async (...[identity, options]: Parameters<typeof ca.issue>): Promise<readonly Uint8Array[]> => {
  const { leaf, intermediates } = await ca.issue(identity, options ?? { now })
  return [leaf, ...intermediates]
}
const oddChain = async (...extensions: string[]): Promise<readonly Uint8Array[]> => [
  (await oddLeaf(ca, extensions)).leaf,
  ...ca.issuer.chain,
]

describe('who is let in', () => {
  test.each(['client', 'server'] as const)('the one DNS name of a %s is its identity', async (side) => {
    const peer = verifyLinkerdPeerChain(await chainOf({ dnsName: webDnsName }), side, linkerdTrustIn(ca))
    expect(peer).toMatchObject({ spiffeId: undefined })
    expect(peer.linkerdName.equals(webDnsName)).toBe(true)
    expect(peer.linkerdName.serviceAccount.name).toBe('web')
    expect(Object.isFrozen(peer)).toBe(true)
  })

  test('a leaf of the dual profile has the SPIFFE ID of the same account beside it', async () => {
    const chain = await chainOf({ dnsName: webDnsName, spiffeId: web })
    const peer = verifyLinkerdPeerChain(chain, 'client', linkerdTrustIn(ca))
    expect(String(peer.linkerdName)).toBe(String(webDnsName))
    expect(String(peer.spiffeId)).toBe(String(web))
  })

  test('a leaf as Linkerd issues it: no basic constraints, no SKI, names of other kinds beside the DNS name', async () => {
    const chain = await oddChain(
      `subjectAltName=${dns},email:web@example.com,IP:10.0.0.1`,
      usage,
      'extendedKeyUsage=serverAuth,clientAuth',
    )
    const peer = verifyLinkerdPeerChain(chain, 'client', linkerdTrustIn(ca, { now: () => new Date() }))
    expect(String(peer.linkerdName)).toBe(String(webDnsName))
  })

  test('the anchors are those of the moment', async () => {
    const source = { current: foreign.trustAnchors }
    const trust = linkerdTrustIn(ca, { trustAnchors: source })
    const chain = await chainOf({ dnsName: webDnsName })
    const error = await refusalOf(() => verifyLinkerdPeerChain(chain, 'client', trust))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED' })
    source.current = ca.trustAnchors
    expect(String(verifyLinkerdPeerChain(chain, 'client', trust).linkerdName)).toBe(String(webDnsName))
  })
})

type Row = readonly [what: string, chain: readonly Uint8Array[], code: WorkloadErrorCode, found: string | undefined]

const refused: readonly Row[] = [
  ['no certificate', [], 'WORKLOAD_PEER_NO_CERTIFICATE', undefined],
  ['bytes that are none', [new Uint8Array(3)], 'WORKLOAD_PEER_UNTRUSTED', undefined],
  ['a SPIFFE ID only', await chainOf({ spiffeId: web }), 'WORKLOAD_PEER_NAMES_INVALID', String(web)],
  ['no name', await oddChain(usage), 'WORKLOAD_PEER_NAMES_INVALID', 'no name'],
  [
    'two DNS names (Q41)',
    await oddChain(`subjectAltName=${dns},DNS:voting.emojivoto.serviceaccount.identity.linkerd.cluster.local`, usage),
    'WORKLOAD_PEER_NAMES_INVALID',
    undefined,
  ],
  [
    'a wildcard',
    await oddChain('subjectAltName=DNS:*.emojivoto.serviceaccount.identity.linkerd.cluster.local', usage),
    'WORKLOAD_PEER_NAMES_INVALID',
    '*.emojivoto.serviceaccount.identity.linkerd.cluster.local',
  ],
  [
    'the SPIFFE ID of another account beside it (Q41)',
    await chainOf({
      dnsName: webDnsName,
      spiffeId: spiffeIdOfLinkerdName(
        linkerdName({
          serviceAccount: serviceAccount('emojivoto', 'voting'),
          controlNamespace: 'linkerd',
          trustDomain,
        }),
      ),
    }),
    'WORKLOAD_PEER_NAMES_INVALID',
    `${String(webDnsName)}, spiffe://cluster.local/ns/emojivoto/sa/voting`,
  ],
  [
    'two URIs beside it (X509-2)',
    await oddChain(`subjectAltName=${dns},URI:${String(web)},URI:https://example.com/`, usage),
    'WORKLOAD_PEER_UNTRUSTED',
    'CERT_MULTIPLE_URI_NAMES',
  ],
  [
    'another control plane',
    await chainOf({ dnsName: linkerdName({ serviceAccount: account, controlNamespace: 'other', trustDomain }) }),
    'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
    'web.emojivoto.serviceaccount.identity.other.cluster.local',
  ],
  [
    'another trust domain',
    await chainOf({
      dnsName: linkerdName({
        serviceAccount: account,
        controlNamespace: 'linkerd',
        trustDomain: parseTrustDomain('other.local'),
      }),
    }),
    'WORKLOAD_PEER_FOREIGN_TRUST_DOMAIN',
    'web.emojivoto.serviceaccount.identity.linkerd.other.local',
  ],
  [
    'an expired leaf',
    await chainOf({ dnsName: webDnsName }, { now: new Date(now.getTime() - 2 * hourMs) }),
    'WORKLOAD_PEER_UNTRUSTED',
    'CERT_EXPIRED',
  ],
]

describe('who is not', () => {
  test.each(refused.map(([what, chain, code, found]) => ({ what, chain, code, found })))(
    '$what: $code',
    async ({ chain, code, found }) => {
      const error = await refusalOf(() => verifyLinkerdPeerChain(chain, 'client', linkerdTrustIn(ca)))
      expect(error).toMatchObject({ code, ...(found === undefined ? {} : { detail: { found } }) })
      expect(error.message).toMatch(/^peer client: expected |^peer client: CERT_/)
    },
  )

  test('a leaf of another CA with the very same name', async () => {
    const { leaf, intermediates } = await foreign.issue({ dnsName: webDnsName })
    const error = await refusalOf(() => verifyLinkerdPeerChain([leaf, ...intermediates], 'server', linkerdTrustIn(ca)))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_UNTRUSTED', detail: { found: 'CERT_UNKNOWN_ISSUER' } })
  })

  test('who is verified but not welcome, with the name', async () => {
    const authorize = () => {
      throw new Error('secret')
    }
    const chain = await chainOf({ dnsName: webDnsName })
    const error = await refusalOf(() => verifyLinkerdPeerChain(chain, 'client', linkerdTrustIn(ca, { authorize })))
    expect(error).toMatchObject({ code: 'WORKLOAD_PEER_NOT_AUTHORIZED', detail: { found: String(webDnsName) } })
    expect(error.message).toBe(`peer client: ${String(webDnsName)} was refused`)
  })
})
