import {
  createIntermediateCertificate,
  createRootCertificate,
  encodeCertificatePem,
  parseCertificate,
} from '@meshid/certificate'
import { parsePrivateKey, type PrivateKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa, openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest, secret, webSpiffeId, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
let server: ServerProcess
beforeAll(async () => {
  world = await createWorld()
  server = await startServer(world)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const HOUR_MS = 3_600_000

/** The certificate of an issuer below the world's root, for any key and time. */
async function issuerPem(key: PrivateKey, options: { now?: Date; lifetimeMs?: number } = {}): Promise<string> {
  const { now = new Date(), lifetimeMs = 24 * HOUR_MS } = options
  const issuer = { chain: [world.ca.root], signer: createNodeSigner(world.ca.rootKey) }
  const commonName = 'identity.linkerd.cluster.local'
  const proven = createNodeSigner(key).key
  return encodeCertificatePem(
    await createIntermediateCertificate({ issuer, key: proven, commonName, now, lifetimeMs, verifier: nodeVerifier }),
  )
}

/** The common name of the issuer of a fresh certificate. */
async function issuerInUse(): Promise<string | undefined> {
  const { leafCertificate } = await server.certify(await goodRequest(world))
  return parseCertificate(leafCertificate).issuer.commonName
}

const newKey = () => generateNodePrivateKey('P-256')
const half = (text: string): string => text.slice(0, text.length / 2)

async function anotherKeysCertificate() {
  return secret(await issuerPem(newKey()), newKey().toPkcs8Pem())
}

async function leafInsteadOfCa() {
  const { leaf, privateKey } = await world.ca.issue({ spiffeId: parseSpiffeId(webSpiffeId) }, { now: new Date() })
  return secret(encodeCertificatePem(parseCertificate(leaf)), privateKey.toPkcs8Pem())
}

async function expiredCa() {
  const key = newKey()
  const lastMonth = new Date(Date.now() - 30 * 24 * HOUR_MS)
  return secret(await issuerPem(key, { now: lastMonth, lifetimeMs: HOUR_MS }), key.toPkcs8Pem())
}

async function rsaKey() {
  const { stdout } = await openssl(['genrsa', '2048'])
  const key = parsePrivateKey(stdout.toString())
  return secret(await issuerPem(key), key.toPkcs8Pem())
}

async function foreignRoot() {
  const key = newKey()
  const signer = createNodeSigner(key)
  const root = await createRootCertificate({
    signer,
    commonName: 'root.elsewhere',
    now: new Date(),
    verifier: nodeVerifier,
  })
  return secret(encodeCertificatePem(root), key.toPkcs8Pem())
}

const mishaps = [
  { of: 'a key of another certificate', files: anotherKeysCertificate, code: 'CERT_KEY_MISMATCH' },
  { of: 'half a certificate', files: () => secret(half(world.ca.issuerPem), ''), code: 'CERT_PEM_INVALID' },
  {
    of: 'half a key',
    files: () => secret(world.ca.issuerPem, half(world.ca.issuerKey.toPkcs8Pem())),
    code: 'KEYS_PRIVATE_KEY_INVALID',
  },
  { of: 'empty files', files: () => secret('', ''), code: 'CERT_PEM_EMPTY' },
  { of: 'no key file', files: () => ({ 'crt.pem': world.ca.issuerPem }), code: 'MOUNTS_FILE_MISSING' },
  { of: 'a leaf instead of a CA', files: leafInsteadOfCa, code: 'CERT_NOT_A_CA' },
  { of: 'an expired CA', files: expiredCa, code: 'CERT_EXPIRED' },
  { of: 'an RSA key', files: rsaKey, code: 'CERT_UNSUPPORTED_ALGORITHM' },
  { of: 'a root that nobody declared', files: foreignRoot, code: 'CERT_UNKNOWN_ISSUER' },
]

describe('an issuer directory that goes bad while the server runs', () => {
  test.each(mishaps)('$of: $code on /ready and in the log, the old issuer stays in use', async ({ files, code }) => {
    const from = server.log.length
    const before = Date.now() - 1
    await world.issuer.update(await files())
    const line = await server.log.next(/^Skipping issuer update as certs could not be read from disk: /, { from })
    expect(line).toMatchObject({ level: 'warning', code })

    const { status, body } = await server.get('/ready')
    expect(status).toBe(200)
    const [first, note] = body.split('\n')
    expect(first).toBe('ok')
    expect(note).toMatch(new RegExp(`^${code}: issuer update refused, the old issuer is in use until .*, since `))
    expect(Date.parse(/since (\S+)$/.exec(note ?? '')?.[1] ?? '')).toBeGreaterThan(before)

    expect(await issuerInUse()).toBe('identity.linkerd.cluster.local')
  })

  test('the old pair put back is no news: the note goes, and that is all', async () => {
    const from = server.log.length
    await world.issuer.update(secret(world.ca.issuerPem, world.ca.issuerKey.toPkcs8Pem()))
    await server.log.next(/^Issuer has been updated$/, { from })
    expect(await server.get('/ready')).toEqual({ status: 200, body: 'ok\n' })
    expect(await issuerInUse()).toBe('identity.linkerd.cluster.local')
    expect(server.log.texts.slice(from).join('\n')).not.toContain('Updated identity issuer')
  })

  test('a later good pair is taken', async () => {
    const from = server.log.length
    await world.issuer.update(await anotherKeysCertificate())
    await server.log.next(/^Skipping issuer update/, { from })
    const { pem, key } = await world.ca.anotherIssuer('identity-2.linkerd.cluster.local')
    await world.issuer.update(secret(pem, key.toPkcs8Pem()))
    expect(await server.log.next(/^Updated identity issuer$/, { from })).toMatchObject({ level: 'info' })
    expect(await server.get('/ready')).toEqual({ status: 200, body: 'ok\n' })
    expect(await issuerInUse()).toBe('identity-2.linkerd.cluster.local')
  })

  test('a refusal is logged once, however often the poll tries again', async () => {
    const from = server.log.length
    await world.issuer.update(await anotherKeysCertificate())
    await server.log.next(/^Skipping issuer update/, { from })
    await world.issuer.update(await expiredCa())
    await server.log.next(/^Skipping issuer update.*CERT_EXPIRED/, { from })
    // The five polls of a second: each call below waits for one answer of the API server that takes 200 ms.
    world.api.setLatency(200)
    for (let call = 0; call < 5; call += 1) await issuerInUse()
    world.api.setLatency(0)
    const told = server.log.texts.slice(from).filter((text) => text.includes('Skipping issuer update'))
    expect(told).toHaveLength(2)
  })

  test('a private key in the certificate file is ignored aloud and never logged', async () => {
    const { pem, key } = await world.ca.anotherIssuer('identity-3.linkerd.cluster.local')
    const from = server.log.length
    await world.issuer.update(secret(`${key.toPkcs8Pem()}${pem}`, key.toPkcs8Pem()))
    expect(await server.log.next(/^Ignored a PRIVATE KEY block at line 1 of crt.pem$/, { from })).toMatchObject({
      level: 'warning',
    })
    await server.log.next(/^Updated identity issuer$/, { from })
    expect(server.log.texts.join('\n')).not.toContain('BEGIN PRIVATE KEY')
    expect(await issuerInUse()).toBe('identity-3.linkerd.cluster.local')
  })

  test('requests go on while issuers change: none fails', async () => {
    const done = new AbortController()
    const stream = async (): Promise<number> => {
      let served = 0
      const request = await goodRequest(world)
      for (; !done.signal.aborted; served += 1) await server.certify(request)
      return served
    }
    const streams = [stream(), stream()]
    for (let change = 0; change < 5; change += 1) {
      const { pem, key } = await world.ca.anotherIssuer(`identity-${change}.change`)
      const from = server.log.length
      await world.issuer.update(secret(pem, key.toPkcs8Pem()))
      await server.log.next(/^Updated identity issuer$/, { from })
    }
    done.abort()
    for (const served of await Promise.all(streams)) expect(served).toBeGreaterThan(0)
  })
})

describe('trust anchors that change while the server runs (Q16)', () => {
  test('a pair that is refused for another reason stays refused, with its note', async () => {
    const from = server.log.length
    await world.issuer.update(await anotherKeysCertificate())
    await server.log.next(/^Skipping issuer update.*CERT_KEY_MISMATCH/, { from })
    const { rootPem } = await createTestCa({ now: new Date() })
    const changed = server.log.length
    await world.trustRoots.update({ 'ca-bundle.crt': `${world.ca.rootPem}\n${rootPem}` })
    await server.log.next(/^Updated trust anchors$/, { from: changed })
    await server.log.next(/^Issuer has been updated$/, { from: changed })
    await server.log.next(/^Skipping issuer update.*CERT_KEY_MISMATCH/, { from: changed })
    expect((await server.get('/ready')).body).toMatch(/^ok\nCERT_KEY_MISMATCH: issuer update refused/)
  })

  test('an issuer below a new root waits until the root is declared, and then goes into use by itself', async () => {
    const next = await createTestCa({ now: new Date(), issuerName: 'identity.next' })
    const from = server.log.length
    await world.issuer.update(secret(next.issuerPem, next.issuerKey.toPkcs8Pem()))
    await server.log.next(/^Skipping issuer update.*CERT_UNKNOWN_ISSUER/, { from })
    await world.trustRoots.update({ 'ca-bundle.crt': `${world.ca.rootPem}\n${next.rootPem}` })
    await server.log.next(/^Updated trust anchors$/, { from })
    await server.log.next(/^Updated identity issuer$/, { from })
    expect(await issuerInUse()).toBe('identity.next')
    expect(await server.get('/ready')).toEqual({ status: 200, body: 'ok\n' })
  })

  test('a bundle that is broken is skipped with a warning and a note', async () => {
    const from = server.log.length
    await world.trustRoots.update({ 'ca-bundle.crt': half(world.ca.rootPem) })
    const line = await server.log.next(/^Skipping trust anchors update/, { from })
    expect(line).toMatchObject({ level: 'warning', code: 'CERT_PEM_INVALID' })
    const { status, body } = await server.get('/ready')
    expect({ status, body }).toEqual({
      status: 200,
      body: expect.stringMatching(/trust anchors update refused, .*CERT_PEM_INVALID.*since/) as unknown,
    })
    expect(await issuerInUse()).toBe('identity.next')
  })

  test('when the root of the issuer in use is withdrawn, that is said, and the issuer stays in use', async () => {
    const from = server.log.length
    await world.trustRoots.update({ 'ca-bundle.crt': world.ca.rootPem })
    await server.log.next(/^Skipping issuer update.*CERT_UNKNOWN_ISSUER/, { from })
    expect((await server.get('/ready')).body).toMatch(/^ok\nCERT_UNKNOWN_ISSUER: issuer update refused/)
    expect(await issuerInUse()).toBe('identity.next')
  })
})
