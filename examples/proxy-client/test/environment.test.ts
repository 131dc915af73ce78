import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linkerdName, type LinkerdName, parseSpiffeId, serviceAccount } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { formatWorkloadName, type LinkerdPeerTrust, type MeshTrust, type PeerTrust } from '@meshid/workload'
import { afterAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../src/environment.ts'
import type { InboundSettings, OutboundSettings } from '../src/listener-settings.ts'
import { EnvironmentError, type Variables } from '../src/variables.ts'
import { idOf, trustDomain } from './world.ts'

const ca = await createTestCa({ now: new Date() })
const { rootPem } = ca
const folder = await mkdtemp(join(tmpdir(), 'meshid-environment-'))
const tokenFile = join(folder, 'token')
const emptyFile = join(folder, 'empty')
await writeFile(tokenFile, 'a token')
await writeFile(emptyFile, '')
afterAll(() => rm(folder, { recursive: true, force: true }))

const P = 'LINKERD2_PROXY_IDENTITY_'
const dnsOf = (account: string, namespace = 'emojivoto'): LinkerdName =>
  linkerdName({ serviceAccount: serviceAccount(namespace, account), controlNamespace: 'linkerd', trustDomain })
const webDns = String(dnsOf('web'))
const identityDns = String(dnsOf('linkerd-identity', 'linkerd'))

const minimal = {
  [`${P}DIR`]: '/var/run/linkerd/identity/end-entity',
  [`${P}TRUST_ANCHORS`]: rootPem,
  [`${P}TOKEN_FILE`]: tokenFile,
  [`${P}LOCAL_NAME`]: idOf('web'),
  [`${P}SVC_ADDR`]: 'linkerd-identity-headless.linkerd.svc.cluster.local.:8080',
  [`${P}SVC_NAME`]: identityDns,
}
const inbound = { MESHID_INBOUND_APP_ADDR: ':8000', MESHID_INBOUND_ALLOW: idOf('web') }
const outbound = { MESHID_OUTBOUND_PEER_ADDR: '10.0.0.7:4143', MESHID_OUTBOUND_PEER_ID: idOf('voting') }
const noLocalName = { [`${P}LOCAL_NAME`]: '' }
const both = { ...noLocalName, [`${P}SERVER_ID`]: webDns, [`${P}SERVER_NAME`]: webDns }
const base = { trustAnchors: { current: ca.trustAnchors }, now: () => new Date() }

/** The trust that settings make, which must be there. */
function trustOf(settings: InboundSettings | OutboundSettings | undefined): MeshTrust {
  if (settings === undefined) throw new Error('expected settings')
  return settings.trustOf(base)
}

function faultsOf(changed: Variables): readonly string[] {
  try {
    readEnvironment({ ...minimal, ...changed })
    return []
  } catch (error) {
    if (error instanceof EnvironmentError) return error.faults
    throw error
  }
}

describe('what is there', () => {
  test('what is required is enough, and the rest has its defaults', () => {
    const { name, trustAnchors, identityService, ...environment } = readEnvironment(minimal)
    expect(environment).toEqual({
      directory: '/var/run/linkerd/identity/end-entity',
      tokenFile,
      trustAnchorsFile: undefined,
      minRefreshMs: undefined,
      maxRefreshMs: undefined,
      rekey: 'never',
      logLevel: 'info',
      logFormat: 'plain',
      admin: { host: '127.0.0.1', port: 4191 },
      inbound: undefined,
      outbound: undefined,
    })
    expect(formatWorkloadName(name)).toBe(idOf('web'))
    expect(trustAnchors?.trustAnchors.certificates).toHaveLength(1)
    expect(identityService).toEqual({
      address: { host: 'linkerd-identity-headless.linkerd.svc.cluster.local', port: 8080 },
      serverName: { kind: 'dns', dnsName: identityDns },
    })
  })

  test('an empty variable counts as one that is not set', () => {
    const empty = {
      ...minimal,
      [`${P}MIN_REFRESH`]: '',
      [`${P}SERVER_ID`]: '',
      [`${P}DISABLED`]: '',
      [`${P}SPIRE_SOCKET`]: '',
      LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '',
      LINKERD2_PROXY_LOG: '',
      LINKERD2_PROXY_LOG_FORMAT: '',
      MESHID_PROFILE: '',
      MESHID_REKEY: '',
      MESHID_TRUST_ANCHORS_FILE: '',
      MESHID_INBOUND_APP_ADDR: '',
      MESHID_OUTBOUND_PEER_ID: '',
    }
    expect(readEnvironment(empty)).toEqual({
      ...readEnvironment(minimal),
      name: expect.anything(),
      trustAnchors: expect.anything(),
    })
  })

  test('everything can be said', () => {
    const environment = readEnvironment({
      ...minimal,
      ...inbound,
      ...outbound,
      [`${P}MIN_REFRESH`]: '500ms',
      [`${P}MAX_REFRESH`]: '1d',
      LINKERD2_PROXY_LOG: 'debug',
      LINKERD2_PROXY_LOG_FORMAT: 'json',
      LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '[::1]:1',
      LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '10.0.0.1:2',
      LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: ':3',
      MESHID_PROFILE: 'spiffe',
      MESHID_REKEY: '7',
      MESHID_TRUST_ANCHORS_FILE: '/var/run/trust/ca-bundle.crt',
    })
    expect(environment).toMatchObject({
      minRefreshMs: 500,
      maxRefreshMs: 86_400_000,
      rekey: { certificatesPerKey: 7 },
      trustAnchorsFile: '/var/run/trust/ca-bundle.crt',
      logLevel: 'debug',
      logFormat: 'json',
      admin: { host: '::1', port: 1 },
      inbound: { listen: { host: '10.0.0.1', port: 2 }, app: { host: undefined, port: 8000 }, serverName: undefined },
      outbound: { listen: { host: undefined, port: 3 }, peer: { host: '10.0.0.7', port: 4143 }, serverName: undefined },
    })
  })

  test('listeners have their defaults', () => {
    const environment = readEnvironment({ ...minimal, ...inbound, ...outbound })
    expect(environment.inbound?.listen).toEqual({ host: '0.0.0.0', port: 4143 })
    expect(environment.outbound?.listen).toEqual({ host: '127.0.0.1', port: 4140 })
  })

  test('the anchors may come from a file alone', () => {
    const env = { ...minimal, [`${P}TRUST_ANCHORS`]: '', MESHID_TRUST_ANCHORS_FILE: '/anchors.pem' }
    expect(readEnvironment(env)).toMatchObject({ trustAnchors: undefined, trustAnchorsFile: '/anchors.pem' })
  })

  test.each(['every-renewal', 'never'])('MESHID_REKEY=%s', (rekey) => {
    expect(readEnvironment({ ...minimal, MESHID_REKEY: rekey }).rekey).toBe(rekey)
  })
})

describe('who this is: LOCAL_NAME before SERVER_ID and SERVER_NAME (section 16.1)', () => {
  test.each<[what: string, changed: Variables, name: string]>([
    ['LOCAL_NAME, a SPIFFE ID', {}, idOf('web')],
    ['LOCAL_NAME, a DNS name', { [`${P}LOCAL_NAME`]: webDns }, webDns],
    ['LOCAL_NAME in upper case', { [`${P}LOCAL_NAME`]: webDns.toUpperCase() }, webDns],
    ['LOCAL_NAME in profile linkerd', { [`${P}LOCAL_NAME`]: webDns, MESHID_PROFILE: 'linkerd' }, webDns],
    ['LOCAL_NAME counts alone', { ...both, [`${P}LOCAL_NAME`]: idOf('web'), [`${P}SERVER_ID`]: 'x' }, idOf('web')],
    ['SERVER_ID and SERVER_NAME, equal', both, webDns],
    ['SERVER_ID and SERVER_NAME, equal but for case', { ...both, [`${P}SERVER_NAME`]: webDns.toUpperCase() }, webDns],
    ['SERVER_ID, a SPIFFE ID, and another SERVER_NAME', { ...both, [`${P}SERVER_ID`]: idOf('web') }, idOf('web')],
  ])('%s', (_what, changed, name) => {
    expect(formatWorkloadName(readEnvironment({ ...minimal, ...changed }).name)).toBe(name)
  })

  test('any DNS name may certify itself, as long as nothing listens', () => {
    expect(readEnvironment({ ...minimal, [`${P}LOCAL_NAME`]: 'web.example' }).name).toEqual({
      kind: 'dns',
      dnsName: 'web.example',
    })
  })
})

describe('where the identity service is: a loopback address or `localhost.` takes no name (section 16.1)', () => {
  test.each([
    ['127.0.0.1:8080', identityDns, undefined],
    ['127.1.2.3:8080', '', undefined],
    ['[::1]:8080', identityDns, undefined],
    ['localhost.:8080', '', undefined],
    ['LocalHost.:8080', identityDns, undefined],
    [':8080', '', undefined],
    ['localhost:8080', identityDns, identityDns],
    ['localhost1.:8080', identityDns, identityDns],
    ['10.0.0.1:8080', identityDns.toUpperCase(), identityDns],
    ['identity.example.:8443', idOf('identity'), idOf('identity')],
  ])('%s, %j: %j', (address, name, expected) => {
    const env = { ...minimal, [`${P}SVC_ADDR`]: address, [`${P}SVC_NAME`]: name }
    const { serverName } = readEnvironment(env).identityService
    expect(serverName && formatWorkloadName(serverName)).toBe(expected)
  })
})

describe('whom inbound admits', () => {
  test.each([
    [idOf('web'), ['web'], ['web-evil', 'we', 'voting']],
    [`${idOf('web')}, ${idOf('voting')}`, ['web', 'voting'], ['web-evil']],
    ['spiffe://cluster.local', ['web', 'web-evil'], []],
    [`spiffe://other.local,spiffe://cluster.local`, ['web'], []],
    [`spiffe://other.local,${idOf('web')}`, ['web'], ['voting']],
    ['spiffe://other.local', [], ['web']],
  ])('MESHID_INBOUND_ALLOW=%s', (allow, welcome, refused) => {
    const settings = readEnvironment({ ...minimal, ...inbound, MESHID_INBOUND_ALLOW: allow }).inbound
    const { authorize } = trustOf(settings) as PeerTrust
    const svidOf = (account: string) => ({ spiffeId: parseSpiffeId(idOf(account)) }) as VerifiedSvid
    for (const account of welcome) expect(authorize(svidOf(account))).toBeUndefined()
    for (const account of refused) {
      expect(() => authorize(svidOf(account))).toThrow(`found ${idOf(account)}`)
    }
  })

  test.each([
    [webDns, [dnsOf('web')], [dnsOf('web-evil'), dnsOf('web', 'default')]],
    [`${webDns}, ${String(dnsOf('voting'))}`, [dnsOf('web'), dnsOf('voting')], [dnsOf('emoji')]],
    [
      '*.emojivoto.serviceaccount.identity.linkerd.cluster.local',
      [dnsOf('web'), dnsOf('x')],
      [dnsOf('web', 'default')],
    ],
    ['*', [dnsOf('web'), dnsOf('web', 'default')], []],
  ])('MESHID_INBOUND_ALLOW=%s in a Linkerd mesh', (allow, welcome, refused) => {
    const env = { ...minimal, ...inbound, [`${P}LOCAL_NAME`]: webDns, MESHID_INBOUND_ALLOW: allow }
    const settings = readEnvironment(env).inbound
    expect(settings?.serverName).toBe(webDns)
    const { authorize, mesh } = trustOf(settings) as LinkerdPeerTrust
    expect([mesh.controlNamespace, String(mesh.trustDomain)]).toEqual(['linkerd', 'cluster.local'])
    for (const peer of welcome) expect(authorize(peer)).toBeUndefined()
    for (const peer of refused)
      expect(() => authorize(peer)).toThrow(`expected ${allow.replace(', ', ' or ')}, found ${String(peer)}`)
  })

  test('outbound can be told what to ask for', () => {
    const env = { ...minimal, ...outbound, MESHID_OUTBOUND_PEER_SERVER_NAME: webDns }
    expect(readEnvironment(env).outbound?.serverName).toBe(webDns)
  })

  test('outbound asks a Linkerd peer for its name, and admits no other', () => {
    const peer = String(dnsOf('voting'))
    const env = { ...minimal, ...outbound, [`${P}LOCAL_NAME`]: webDns, MESHID_OUTBOUND_PEER_ID: peer }
    const settings = readEnvironment(env).outbound
    expect(settings?.serverName).toBe(peer)
    const { authorize } = trustOf(settings) as LinkerdPeerTrust
    expect(authorize(dnsOf('voting'))).toBeUndefined()
    expect(() => authorize(dnsOf('web'))).toThrow(`expected ${peer}, found ${webDns}`)
  })
})

type VerifiedSvid = Parameters<PeerTrust['authorize']>[0]

/** A row for each fault: what is changed, and every sentence that is said. */
const faults: readonly (readonly [what: string, changed: Variables, ...sentences: string[]])[] = [
  ['no directory', { [`${P}DIR`]: '' }, `${P}DIR must be set.`],
  ['no trust anchors', { [`${P}TRUST_ANCHORS`]: '' }, `${P}TRUST_ANCHORS must be set.`],
  [
    'trust anchors that are none',
    { [`${P}TRUST_ANCHORS`]: 'nothing' },
    `${P}TRUST_ANCHORS: trust anchors: expected at least one CA certificate, found no certificate`,
  ],
  ['no token file', { [`${P}TOKEN_FILE`]: '' }, `${P}TOKEN_FILE must be set.`],
  ['an empty token', { [`${P}TOKEN_FILE`]: emptyFile }, `Could not read ${P}TOKEN_FILE: token is empty`],
  [
    'a token file that is not there',
    { [`${P}TOKEN_FILE`]: '/nowhere/token' },
    `Could not read ${P}TOKEN_FILE: ENOENT: no such file or directory, open '/nowhere/token'`,
  ],
  ['no name at all', noLocalName, `${P}SERVER_ID must be set.`, `${P}SERVER_NAME must be set.`],
  ['SERVER_ID alone', { ...noLocalName, [`${P}SERVER_ID`]: webDns }, `${P}SERVER_NAME must be set.`],
  ['SERVER_NAME alone', { ...noLocalName, [`${P}SERVER_NAME`]: webDns }, `${P}SERVER_ID must be set.`],
  [
    'two names in Linkerd mode (TlsIdAndServerNameNotMatching)',
    { ...both, [`${P}SERVER_NAME`]: identityDns },
    'linkerd identity requires a TLS Id and server name to be the same',
  ],
  [
    'a SPIFFE ID in Linkerd mode (TlsIdAndServerNameNotMatching)',
    { ...both, [`${P}SERVER_ID`]: idOf('web'), MESHID_PROFILE: 'linkerd' },
    'linkerd identity requires a TLS Id and server name to be the same',
  ],
  [
    'a name of one label',
    { [`${P}LOCAL_NAME`]: 'web' },
    `${P}LOCAL_NAME: Not a valid identity name: web (workload name: expected a SPIFFE ID with a path, or a DNS name of two or more labels, found "web")`,
  ],
  [
    'a name that ends with a dot',
    { [`${P}LOCAL_NAME`]: 'web.example.' },
    `${P}LOCAL_NAME: Not a valid identity name: web.example. (workload name: expected a SPIFFE ID with a path, or a DNS name of two or more labels, found "web.example.")`,
  ],
  [
    'a server name that is no DNS name',
    { ...both, [`${P}SERVER_NAME`]: idOf('web') },
    `${P}SERVER_NAME: Not a valid identity name: ${idOf('web')} (expected a DNS name)`,
  ],
  [
    'a DNS name in profile spiffe',
    { [`${P}LOCAL_NAME`]: webDns, MESHID_PROFILE: 'spiffe' },
    `${P}LOCAL_NAME: expected a SPIFFE ID in profile spiffe, found the other form`,
  ],
  [
    'a SPIFFE ID in profile linkerd',
    { MESHID_PROFILE: 'linkerd' },
    `${P}LOCAL_NAME: expected a DNS name in profile linkerd, found the other form`,
  ],
  [
    'a profile that there is not',
    { MESHID_PROFILE: 'x' },
    'MESHID_PROFILE: expected one of spiffe, linkerd, found "x"',
  ],
  ['no identity service', { [`${P}SVC_ADDR`]: '', [`${P}SVC_NAME`]: '' }, `${P}SVC_ADDR and ${P}SVC_NAME must be set.`],
  ['no address', { [`${P}SVC_ADDR`]: '' }, `${P}SVC_ADDR and ${P}SVC_NAME must be specified together`],
  ['no service name', { [`${P}SVC_NAME`]: '' }, `${P}SVC_ADDR and ${P}SVC_NAME must be specified together`],
  [
    'localhost without its dot, and no name',
    { [`${P}SVC_ADDR`]: 'localhost:8080', [`${P}SVC_NAME`]: '' },
    `${P}SVC_ADDR and ${P}SVC_NAME must be specified together`,
  ],
  [
    'an address without a port',
    { [`${P}SVC_ADDR`]: 'identity' },
    `${P}SVC_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found "identity"`,
  ],
  [
    'a service name that ends with a dot',
    { [`${P}SVC_NAME`]: 'identity.linkerd.' },
    `${P}SVC_NAME: Not a valid identity name: identity.linkerd. (workload name: expected a SPIFFE ID with a path, or a DNS name of two or more labels, found "identity.linkerd.")`,
  ],
  ['identity disabled', { [`${P}DISABLED`]: '1' }, `${P}DISABLED is no longer supported. Identity is must be enabled.`],
  [
    'SPIRE',
    { [`${P}SPIRE_WORKLOAD_API_ADDRESS`]: 'unix:/run/spire.sock', [`${P}SPIRE_SOCKET`]: 'unix:/run/spire.sock' },
    `${P}SPIRE_WORKLOAD_API_ADDRESS: this proxy does not speak the SPIFFE Workload API; remove it, or use linkerd2-proxy`,
    `${P}SPIRE_SOCKET: this proxy does not speak the SPIFFE Workload API; remove it, or use linkerd2-proxy`,
  ],
  [
    'a duration without a unit',
    { [`${P}MIN_REFRESH`]: '10' },
    `${P}MIN_REFRESH: expected a duration such as 10s, 5m or 24h, found "10"`,
  ],
  [
    'a duration in weeks',
    { [`${P}MAX_REFRESH`]: '1w' },
    `${P}MAX_REFRESH: expected a duration such as 10s, 5m or 24h, found "1w"`,
  ],
  [
    'a minimum above the maximum',
    { [`${P}MIN_REFRESH`]: '2s', [`${P}MAX_REFRESH`]: '1s' },
    `${P}MIN_REFRESH and ${P}MAX_REFRESH: expected 0 < minimum <= maximum, found 2000 ms and 1000 ms`,
  ],
  [
    'a minimum of nothing',
    { [`${P}MIN_REFRESH`]: '0' },
    `${P}MIN_REFRESH and ${P}MAX_REFRESH: expected 0 < minimum <= maximum, found 0 ms and nothing`,
  ],
  [
    're-keying never heard of',
    { MESHID_REKEY: '0' },
    'MESHID_REKEY: expected never, every-renewal, or how many certificates a key has, found "0"',
  ],
  [
    'a level with targets',
    { LINKERD2_PROXY_LOG: 'warn,linkerd=info' },
    'LINKERD2_PROXY_LOG: expected one of panic, fatal, error, warn, info, debug, trace, found "warn,linkerd=info"',
  ],
  [
    'a format',
    { LINKERD2_PROXY_LOG_FORMAT: 'xml' },
    'LINKERD2_PROXY_LOG_FORMAT: expected one of plain, json, found "xml"',
  ],
  [
    'an admin address',
    { LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '4191' },
    'LINKERD2_PROXY_ADMIN_LISTEN_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found "4191"',
  ],
  [
    'an inbound address',
    { ...inbound, LINKERD2_PROXY_INBOUND_LISTEN_ADDR: 'x' },
    'LINKERD2_PROXY_INBOUND_LISTEN_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found "x"',
  ],
  [
    'an outbound address',
    { ...outbound, LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: 'x' },
    'LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found "x"',
  ],
  [
    'a port of the app',
    { ...inbound, MESHID_INBOUND_APP_ADDR: ':99999' },
    'MESHID_INBOUND_APP_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found ":99999"',
  ],
  ['an app for nobody', { ...inbound, MESHID_INBOUND_ALLOW: '' }, 'MESHID_INBOUND_ALLOW must be set.'],
  [
    'a peer without its name',
    { MESHID_OUTBOUND_PEER_ADDR: ':1' },
    'MESHID_OUTBOUND_PEER_ID must be set, because MESHID_OUTBOUND_PEER_ADDR is.',
  ],
  [
    'a peer without its address',
    { MESHID_OUTBOUND_PEER_ID: idOf('voting') },
    'MESHID_OUTBOUND_PEER_ADDR must be set, because MESHID_OUTBOUND_PEER_ID is.',
  ],
  [
    'a peer address',
    { ...outbound, MESHID_OUTBOUND_PEER_ADDR: 'peer' },
    'MESHID_OUTBOUND_PEER_ADDR: expected an address such as :8080 or 127.0.0.1:8080, found "peer"',
  ],
  [
    'a server name that is a SPIFFE ID',
    { ...outbound, MESHID_OUTBOUND_PEER_SERVER_NAME: idOf('voting') },
    `MESHID_OUTBOUND_PEER_SERVER_NAME: Not a valid identity name: ${idOf('voting')} (expected a DNS name)`,
  ],
  [
    'a DNS name that is no Linkerd name, where peers are checked by it',
    { ...inbound, [`${P}LOCAL_NAME`]: 'web.emojivoto' },
    'the own name: expected <account>.<namespace>.serviceaccount.identity.<control namespace>.<trust domain>, because peers are checked by such names, found web.emojivoto',
  ],
  [
    'several at once: all are told',
    { [`${P}DIR`]: '', [`${P}MIN_REFRESH`]: 'soon', [`${P}DISABLED`]: 'yes', MESHID_OUTBOUND_PEER_ADDR: ':1' },
    `${P}DISABLED is no longer supported. Identity is must be enabled.`,
    `${P}DIR must be set.`,
    `${P}MIN_REFRESH: expected a duration such as 10s, 5m or 24h, found "soon"`,
    'MESHID_OUTBOUND_PEER_ID must be set, because MESHID_OUTBOUND_PEER_ADDR is.',
  ],
]

describe('what is wrong', () => {
  test.each(faults.map(([what, changed, ...sentences]) => ({ what, changed, sentences })))(
    '$what',
    ({ changed, sentences }) => expect(faultsOf(changed)).toEqual(sentences),
  )

  test.each([
    ['MESHID_INBOUND_ALLOW', { ...inbound, MESHID_INBOUND_ALLOW: 'web' }],
    ['MESHID_INBOUND_ALLOW', { ...inbound, MESHID_INBOUND_ALLOW: `${idOf('web')},` }],
    ['MESHID_INBOUND_ALLOW', { ...inbound, [`${P}LOCAL_NAME`]: webDns }],
    ['MESHID_INBOUND_ALLOW', { ...inbound, [`${P}LOCAL_NAME`]: webDns, MESHID_INBOUND_ALLOW: '*.cluster.local' }],
    ['MESHID_OUTBOUND_PEER_ID', { ...outbound, MESHID_OUTBOUND_PEER_ID: 'voting' }],
    ['MESHID_OUTBOUND_PEER_ID', { ...outbound, [`${P}LOCAL_NAME`]: webDns }],
  ])('%s is named when its names are not those of the mesh: %j', (variable, changed) => {
    const [fault, ...others] = faultsOf(changed)
    expect(fault).toMatch(new RegExp(`^${variable}: expected `))
    expect(others).toEqual([])
  })

  test('one error holds all faults, and its message too', () => {
    expect(() => readEnvironment({})).toThrow(
      expect.objectContaining({ code: 'INVALID_ENVIRONMENT', message: expect.stringContaining('must be set.; ') }),
    )
    expect(faultsOf(Object.fromEntries(Object.keys(minimal).map((name) => [name, ''])))).toHaveLength(6)
  })
})
