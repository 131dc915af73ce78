import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { formatWorkloadName } from '@meshid/workload'
import { expect, test } from 'vitest'
import { readEnvironment } from '../src/environment.ts'
import { idOf } from './world.ts'

const { rootPem } = await createTestCa({ now: new Date() })

const minimal = {
  LINKERD2_PROXY_IDENTITY_DIR: '/var/run/linkerd/identity/end-entity',
  LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: rootPem,
  LINKERD2_PROXY_IDENTITY_TOKEN_FILE: '/var/run/secrets/tokens/linkerd-identity-token',
  LINKERD2_PROXY_IDENTITY_LOCAL_NAME: idOf('web'),
  LINKERD2_PROXY_IDENTITY_SVC_ADDR: 'linkerd-identity-headless.linkerd.svc.cluster.local.:8080',
}
const inbound = { MESHID_INBOUND_APP_ADDR: ':8000', MESHID_INBOUND_ALLOW: idOf('web') }
const outbound = { MESHID_OUTBOUND_PEER_ADDR: '10.0.0.7:4143', MESHID_OUTBOUND_PEER_ID: idOf('voting') }

test('what is required is enough, and the rest has its defaults', () => {
  const { name, trustAnchors, ...environment } = readEnvironment(minimal)
  expect(environment).toEqual({
    directory: '/var/run/linkerd/identity/end-entity',
    tokenFile: '/var/run/secrets/tokens/linkerd-identity-token',
    identityService: { host: 'linkerd-identity-headless.linkerd.svc.cluster.local', port: 8080 },
    minRefreshMs: undefined,
    maxRefreshMs: undefined,
    logLevel: 'info',
    logFormat: 'plain',
    admin: { host: '127.0.0.1', port: 4191 },
    inbound: undefined,
    outbound: undefined,
  })
  expect(formatWorkloadName(name)).toBe(idOf('web'))
  expect(trustAnchors.certificates).toHaveLength(1)
})

test('an empty variable counts as one that is not set', () => {
  const empty = {
    ...minimal,
    LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '',
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '',
    LINKERD2_PROXY_LOG: '',
    LINKERD2_PROXY_LOG_FORMAT: '',
    MESHID_PROFILE: '',
    MESHID_INBOUND_APP_ADDR: '',
    MESHID_OUTBOUND_PEER_ID: '',
  }
  expect(readEnvironment(empty)).toEqual({ ...readEnvironment(minimal), name: expect.anything() })
})

test('everything can be said', () => {
  const environment = readEnvironment({
    ...minimal,
    ...inbound,
    ...outbound,
    LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '500ms',
    LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '1d',
    LINKERD2_PROXY_LOG: 'debug',
    LINKERD2_PROXY_LOG_FORMAT: 'json',
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '[::1]:1',
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '10.0.0.1:2',
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: ':3',
    MESHID_PROFILE: 'spiffe',
  })
  expect(environment).toMatchObject({
    minRefreshMs: 500,
    maxRefreshMs: 86_400_000,
    logLevel: 'debug',
    logFormat: 'json',
    admin: { host: '::1', port: 1 },
    inbound: { listen: { host: '10.0.0.1', port: 2 }, app: { host: undefined, port: 8000 } },
    outbound: { listen: { host: undefined, port: 3 }, peer: { host: '10.0.0.7', port: 4143 } },
  })
  expect(String(environment.outbound?.peerId)).toBe(idOf('voting'))
})

test('listeners have their defaults', () => {
  const environment = readEnvironment({ ...minimal, ...inbound, ...outbound })
  expect(environment.inbound?.listen).toEqual({ host: '0.0.0.0', port: 4143 })
  expect(environment.outbound?.listen).toEqual({ host: '127.0.0.1', port: 4140 })
})

test("a DNS name is Linkerd's form; the profile can be named", () => {
  const dnsName = 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'
  const env = { ...minimal, LINKERD2_PROXY_IDENTITY_LOCAL_NAME: dnsName, MESHID_PROFILE: 'linkerd' }
  expect(readEnvironment(env).name).toEqual({ kind: 'dns', dnsName })
})

test.each([
  [idOf('web'), ['web'], ['web-evil', 'we', 'voting']],
  [`${idOf('web')}, ${idOf('voting')}`, ['web', 'voting'], ['web-evil']],
  ['spiffe://cluster.local', ['web', 'web-evil'], []],
  [`spiffe://other.local,spiffe://cluster.local`, ['web'], []],
  [`spiffe://other.local,${idOf('web')}`, ['web'], ['voting']],
  ['spiffe://other.local', [], ['web']],
])('MESHID_INBOUND_ALLOW=%s', (allow, welcome, refused) => {
  const settings = readEnvironment({ ...minimal, ...inbound, MESHID_INBOUND_ALLOW: allow }).inbound
  for (const account of welcome) expect(settings?.authorize(parseSpiffeId(idOf(account)))).toBeUndefined()
  for (const account of refused) {
    expect(() => settings?.authorize(parseSpiffeId(idOf(account)))).toThrow(`found ${idOf(account)}`)
  }
})

test.each(Object.keys(minimal))('%s is required, and empty is missing', (variable) => {
  for (const value of [undefined, '']) {
    expect(() => readEnvironment({ ...minimal, [variable]: value })).toThrow(`'${variable}' must be set`)
  }
})

test.each([
  ['MESHID_INBOUND_ALLOW', { ...inbound, MESHID_INBOUND_ALLOW: '' }, 'must be set'],
  ['MESHID_OUTBOUND_PEER_ID', { MESHID_OUTBOUND_PEER_ADDR: ':1' }, 'must be set'],
  ['MESHID_OUTBOUND_PEER_ADDR', { MESHID_OUTBOUND_PEER_ID: idOf('voting') }, 'must be set'],
  ['LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS', { LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: 'nothing' }, 'expected'],
  ['LINKERD2_PROXY_IDENTITY_LOCAL_NAME', { LINKERD2_PROXY_IDENTITY_LOCAL_NAME: 'web' }, 'expected a SPIFFE ID'],
  ['LINKERD2_PROXY_IDENTITY_SVC_ADDR', { LINKERD2_PROXY_IDENTITY_SVC_ADDR: 'identity' }, 'expected an address'],
  ['LINKERD2_PROXY_IDENTITY_MIN_REFRESH', { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '10' }, 'expected a duration'],
  ['LINKERD2_PROXY_IDENTITY_MAX_REFRESH', { LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '1w' }, 'expected a duration'],
  [
    'LINKERD2_PROXY_IDENTITY_MAX_REFRESH',
    { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '2s', LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '1s' },
    'expected 0 < minimum <= maximum, found 2000 ms and 1000 ms',
  ],
  ['LINKERD2_PROXY_IDENTITY_MIN_REFRESH', { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '0' }, 'expected 0 < minimum'],
  ['LINKERD2_PROXY_LOG', { LINKERD2_PROXY_LOG: 'warn,linkerd=info' }, 'expected one of panic, fatal'],
  ['LINKERD2_PROXY_LOG_FORMAT', { LINKERD2_PROXY_LOG_FORMAT: 'xml' }, 'expected one of plain, json, found "xml"'],
  ['LINKERD2_PROXY_ADMIN_LISTEN_ADDR', { LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '4191' }, 'expected an address'],
  [
    'LINKERD2_PROXY_INBOUND_LISTEN_ADDR',
    { ...inbound, LINKERD2_PROXY_INBOUND_LISTEN_ADDR: 'x' },
    'expected an address',
  ],
  ['LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', { ...outbound, LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: 'x' }, 'expected an'],
  ['MESHID_INBOUND_APP_ADDR', { ...inbound, MESHID_INBOUND_APP_ADDR: ':99999' }, 'expected an address'],
  ['MESHID_INBOUND_ALLOW', { ...inbound, MESHID_INBOUND_ALLOW: 'web' }, 'expected'],
  ['MESHID_INBOUND_ALLOW', { ...inbound, MESHID_INBOUND_ALLOW: `${idOf('web')},` }, 'expected'],
  ['MESHID_OUTBOUND_PEER_ADDR', { ...outbound, MESHID_OUTBOUND_PEER_ADDR: 'peer' }, 'expected an address'],
  ['MESHID_OUTBOUND_PEER_ID', { ...outbound, MESHID_OUTBOUND_PEER_ID: 'voting' }, 'expected'],
  ['MESHID_PROFILE', { MESHID_PROFILE: 'dual' }, 'expected one of spiffe, linkerd, found "dual"'],
  ['LINKERD2_PROXY_IDENTITY_LOCAL_NAME', { MESHID_PROFILE: 'linkerd' }, 'expected a DNS name in profile linkerd'],
  [
    'LINKERD2_PROXY_IDENTITY_LOCAL_NAME',
    { LINKERD2_PROXY_IDENTITY_LOCAL_NAME: 'web.emojivoto', MESHID_PROFILE: 'spiffe' },
    'expected a SPIFFE ID in profile spiffe',
  ],
  [
    'LINKERD2_PROXY_IDENTITY_LOCAL_NAME',
    { ...inbound, LINKERD2_PROXY_IDENTITY_LOCAL_NAME: 'web.emojivoto' },
    'because peers are checked by SPIFFE ID',
  ],
])('%s is named when it is refused: %j', (variable, changed, why) => {
  let message = ''
  try {
    readEnvironment({ ...minimal, ...changed })
  } catch (error) {
    message = (error as Error).message
  }
  expect(message).toContain(`'${variable}'`)
  expect(message).toContain(why)
})
