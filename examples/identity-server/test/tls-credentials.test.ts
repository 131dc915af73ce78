import { type Certificate, type Issuer, parseCertificate, parseCertificates } from '@meshid/certificate'
import { linkerdProfile, type Profile, spiffeProfile, dualProfile } from '@meshid/identity'
import { isSameKey, parsePrivateKey } from '@meshid/keys'
import type { RefreshEvent } from '@meshid/refresh'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { createTestCa, createTestClock } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { createTlsCredentials, type TlsCredential } from '../src/tls-credentials.ts'
import { tlsIdentity } from '../src/tls-identity.ts'

const trustDomain = parseTrustDomain('cluster.local')
const mesh = { trustDomain, controlNamespace: 'linkerd' }
const start = new Date('2026-11-22T00:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const linkerdText = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local'
const spiffeText = 'spiffe://cluster.local/ns/linkerd/sa/linkerd-identity'

const leafOf = (credential: TlsCredential): Certificate =>
  parseCertificates(credential.certificateChainPem)[0] as Certificate

/** A server's certificate, and a hand on the clock and the issuer. */
async function start24h(lifetimeMs = 24 * HOUR_MS) {
  const clock = createTestClock(start)
  const ca = await createTestCa({ now: start, lifetimeMs })
  const holder: { current: Issuer | undefined } = { current: ca.issuer }
  const issued: TlsCredential[] = []
  const events: RefreshEvent[] = []
  const credentials = await createTlsCredentials({
    identity: tlsIdentity(spiffeProfile({ trustDomain }), { namespace: 'linkerd' }),
    holder,
    clock,
    onIssued: (credential) => void issued.push(credential),
    observer: (event) => void events.push(event),
    signal: AbortSignal.timeout(10_000),
  })
  return {
    clock,
    ca,
    holder,
    issued,
    events,
    credentials,
    [Symbol.asyncDispose]: () => credentials[Symbol.asyncDispose](),
  }
}

/** An issuer that refuses, as one whose signer is gone. */
function refusing(issuer: Issuer): Issuer & { readonly asked: () => number } {
  let asked = 0
  return {
    certificate: issuer.certificate,
    chain: issuer.chain,
    notAfter: issuer.notAfter,
    issue() {
      asked += 1
      return Promise.reject(new Error('no signer'))
    },
    asked: () => asked,
  }
}

describe('the name of the server', () => {
  test.each<[string, Profile, { dnsNames: string[]; uris: string[] }]>([
    ['linkerd', linkerdProfile(mesh), { dnsNames: [linkerdText], uris: [] }],
    ['dual', dualProfile(mesh), { dnsNames: [linkerdText], uris: [spiffeText] }],
    ['spiffe', spiffeProfile({ trustDomain }), { dnsNames: [], uris: [spiffeText] }],
  ])('in profile %s is in its certificate', async (_name, profile, names) => {
    const ca = await createTestCa({ now: start })
    const identity = tlsIdentity(profile, { namespace: 'linkerd' })
    const { leaf } = await ca.issue(identity)
    expect(parseCertificate(leaf).subjectAltNames).toMatchObject(names)
  })

  test('is that of the account it is told, and a namespace that is none is refused', () => {
    const profile = spiffeProfile({ trustDomain })
    const other = tlsIdentity(profile, { namespace: 'mesh', name: 'issuer' })
    expect(String(other.spiffeId)).toBe('spiffe://cluster.local/ns/mesh/sa/issuer')
    expect(() => tlsIdentity(profile, { namespace: 'No Namespace' })).toThrow(/namespace/)
  })
})

describe('the certificate of the server', () => {
  test('is issued by the issuer in use, for a key that is with it, with the chain that proxies need', async () => {
    await using world = await start24h()
    const credential = await world.credentials.current()
    const [leaf, issuer, ...rest] = parseCertificates(credential.certificateChainPem)
    expect(issuer?.der).toEqual(world.ca.issuer.certificate.der)
    expect(rest).toEqual([])
    expect(leaf && isSameKey(leaf.publicKey, parsePrivateKey(credential.privateKeyPem()).publicKey)).toBe(true)
    expect(leaf?.extendedKeyUsage?.purposes).toContain('serverAuth')
  })

  test('is renewed after 60 to 80 % of its life, with a new key', async () => {
    await using world = await start24h()
    const first = await world.credentials.current()
    for (let passed = 0; passed < 24 * 0.55; passed += 1) await world.clock.advance(HOUR_MS)
    expect(await world.credentials.current()).toBe(first)
    for (let passed = 0; passed < 24 * 0.3; passed += 1) await world.clock.advance(HOUR_MS)
    await expect.poll(() => world.issued.length).toBe(2)
    const second = await world.credentials.current()
    expect(isSameKey(leafOf(second).publicKey, leafOf(first).publicKey)).toBe(false)
    expect(leafOf(second).notAfter.getTime()).toBeGreaterThan(leafOf(first).notAfter.getTime())
  })

  test('is another one at once when the issuer is replaced', async () => {
    await using world = await start24h()
    await world.credentials.current()
    const { issuer } = await world.ca.anotherIssuer('the next')
    world.holder.current = issuer
    const [one, two] = await Promise.all([world.credentials.current(), world.credentials.current()])
    expect(leafOf(one).issuer.commonName).toBe('the next')
    expect(two).toBe(one)
    expect(world.issued).toHaveLength(2)
  })

  test('stays the old one as long as it is valid when the next issuer refuses, which is not asked at each handshake', async () => {
    await using world = await start24h()
    const first = await world.credentials.current()
    const broken = refusing(world.ca.issuer)
    world.holder.current = broken
    for (let handshake = 0; handshake < 5; handshake += 1) expect(await world.credentials.current()).toBe(first)
    expect(broken.asked()).toBe(1)
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'failed' }))
    world.holder.current = world.ca.issuer
    expect(await world.credentials.current()).toBe(first)
  })

  test('that has expired is not shown', async () => {
    await using world = await start24h(2 * MINUTE_MS)
    world.holder.current = refusing(world.ca.issuer)
    for (let passed = 0; passed < 5; passed += 1) await world.clock.advance(MINUTE_MS)
    await expect(world.credentials.current()).rejects.toMatchObject({ code: 'TLS_NO_CERTIFICATE' })
    world.holder.current = undefined
    await expect(world.credentials.current()).rejects.toMatchObject({ code: 'TLS_NO_CERTIFICATE' })
    world.holder.current = world.ca.issuer
    expect(leafOf(await world.credentials.current()).notAfter.getTime()).toBeGreaterThan(world.clock.now().getTime())
  })

  test('is needed from the start', async () => {
    const ca = await createTestCa({ now: start })
    const without = createTlsCredentials({
      identity: tlsIdentity(spiffeProfile({ trustDomain }), { namespace: 'linkerd' }),
      holder: { current: refusing(ca.issuer) },
      clock: createTestClock(start),
      onIssued: () => undefined,
      signal: AbortSignal.timeout(10_000),
    })
    await expect(without).rejects.toThrow('no signer')
  })
})
