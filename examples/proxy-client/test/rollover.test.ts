import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsr, verifyCsr } from '@meshid/csr'
import { isSameKey, parsePrivateKey } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { createTestCa } from '@meshid/testkit'
import { expect, test } from 'vitest'
import { startProxy } from './proxy-process.ts'
import { createWorld, get, idOf, inboundTo, outboundTo, portOf, startApp } from './world.ts'

const TEST_MS = 120_000
const everyHalfSecond = {
  LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '500ms',
  LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '500ms',
}

/** Replaces a file as a volume does: whole. */
async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content)
  await rename(`${path}.new`, path)
}

test(
  'a root is replaced under two running proxies: both bundles, then the new issuer, then the new bundle alone',
  async () => {
    await using world = await createWorld()
    await world.startService()
    const next = await createTestCa({ now: new Date(), issuerName: 'identity.next' })
    const app = await startApp((_request, response) => response.end('voted'))
    const { env: votingEnv, directory } = await world.pod('voting')
    const bundle = join(directory, '..', 'ca-bundle.crt')
    await writeFile(bundle, world.ca.rootPem)
    const trust = { LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: '', MESHID_TRUST_ANCHORS_FILE: bundle }
    await using voting = startProxy({
      ...votingEnv,
      ...trust,
      ...everyHalfSecond,
      ...inboundTo(portOf(app), idOf('web')),
    })
    const { env: webEnv } = await world.pod('web')
    const peer = outboundTo(await voting.port('inbound'), idOf('voting'))
    await using web = startProxy({ ...webEnv, ...trust, ...everyHalfSecond, ...peer })
    const port = await web.port('outbound')
    expect(await get(port)).toBe('voted')

    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    await replace(bundle, world.ca.rootPem + broken + next.rootPem)
    for (const proxy of [voting, web]) {
      expect(await proxy.log.next({ msg: 'Skipped 1 invalid trust anchors' })).toMatchObject({
        level: 'warning',
        reasons: expect.stringMatching(/^line \d+: CERT_DER_INVALID$/),
      })
    }
    expect(await get(port)).toBe('voted')

    world.useCa(next)
    for (const proxy of [voting, web]) await proxy.log.next({ msg: 'Certified identity', issuer: 'identity.next' })
    expect(await get(port)).toBe('voted')

    const from = [voting, web].map(({ log }) => log.lines.length)
    await replace(bundle, next.rootPem)
    await voting.log.next({ msg: 'Trust anchors' }, { from: from[0] ?? 0 })
    await web.log.next({ msg: 'Trust anchors' }, { from: from[1] ?? 0 })
    expect(await get(port)).toBe('voted')
    const peers = web.log.lines.filter(({ msg }) => msg === 'Peer verified').map((line) => line['peer_issuer'])
    expect(new Set(peers)).toEqual(new Set(['identity.linkerd.cluster.local', 'identity.next']))

    await replace(bundle, 'nothing')
    expect(await web.log.next({ msg: 'Trust anchors could not be read; the old ones stay' })).toMatchObject({
      code: 'WORKLOAD_TRUST_ANCHORS_INVALID',
    })
    expect(await get(port)).toBe('voted')
    app.close()
  },
  TEST_MS,
)

test(
  'a new issuer before its bundle: the certificate is refused, and asked for again as soon as the bundle comes',
  async () => {
    await using world = await createWorld()
    const next = await createTestCa({ now: new Date(), issuerName: 'identity.next' })
    world.useCa(next)
    await world.startService()
    const { env, directory } = await world.pod('web')
    const bundle = join(directory, '..', 'ca-bundle.crt')
    await writeFile(bundle, world.ca.rootPem)
    await using proxy = startProxy({ ...env, MESHID_TRUST_ANCHORS_FILE: bundle })
    expect(await proxy.log.next({ msg: 'Failed to obtain identity' })).toMatchObject({
      code: 'WORKLOAD_CREDENTIAL_UNTRUSTED',
    })
    const from = proxy.log.lines.length
    await replace(bundle, next.rootPem)
    const adopted = await proxy.log.next({ msg: 'Trust anchors' }, { from })
    const certified = await proxy.log.next({ msg: 'Certified identity' })
    const seconds = (Date.parse(String(certified['time'])) - Date.parse(String(adopted['time']))) / 1000
    expect(seconds).toBeLessThanOrEqual(5)
  },
  TEST_MS,
)

test(
  'MESHID_REKEY=every-renewal: each certificate is for a new key, and the files follow, always a pair',
  async () => {
    await using world = await createWorld()
    await world.startService()
    const { env, directory } = await world.pod('web')
    await using proxy = startProxy({ ...env, ...everyHalfSecond, MESHID_REKEY: 'every-renewal' })
    const readKey = () => readFile(join(directory, 'key.p8'), 'utf8')
    const keys = new Set<string>()
    let from = 0
    for (let round = 0; round < 4; round += 1) {
      const certified = await proxy.log.next({ msg: 'Certified identity' }, { from })
      from = proxy.log.lines.indexOf(certified) + 1
      keys.add(await readKey())
    }
    expect(keys.size).toBeGreaterThan(2)
    proxy.kill('SIGKILL')
    await proxy.ended
    const csr = await readFile(join(directory, 'csr.der')).catch(() => undefined)
    if (csr) {
      const verified = verifyCsr(parseCsr(csr), { verifier: nodeVerifier })
      expect(isSameKey(verified.publicKey, parsePrivateKey(await readKey()).publicKey)).toBe(true)
    }
    await using again = startProxy(env)
    await again.log.next({ msg: 'Key and CSR', kind: csr ? 'found' : 'created' })
    expect(await again.log.next({ msg: 'Certified identity' })).toMatchObject({ id: idOf('web') })
  },
  TEST_MS,
)
