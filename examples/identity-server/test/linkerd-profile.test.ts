import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest, web, webLinkerdName, webSpiffeId, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
let server: ServerProcess
let folder: string
beforeAll(async () => {
  world = await createWorld()
  server = await startServer(world, ['-profile=linkerd'])
  folder = await mkdtemp(join(tmpdir(), 'meshid-openssl-'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A request as an operator would make it by hand. */
async function opensslRequest(kind: readonly string[], name = webLinkerdName) {
  const names = ['-subj', '/', '-addext', `subjectAltName=DNS:${name}`]
  const args = ['req', '-new', '-newkey', ...kind, '-nodes', '-keyout', join(folder, 'key.pem'), '-outform', 'DER']
  const { stdout, stderr, code } = await openssl([...args, ...names])
  expect({ stderr, code }).toMatchObject({ code: 0 })
  const token = new TextEncoder().encode(await world.api.createToken(web))
  return { identity: webLinkerdName, token, certificateSigningRequest: new Uint8Array(stdout) }
}

const pem = async (der: Uint8Array): Promise<string> =>
  (await openssl(['x509', '-inform', 'DER'], { input: der })).stdout.toString()

describe('profile linkerd, from a CSR of openssl to a chain that openssl accepts', () => {
  test.each([
    ['P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['ed25519']],
  ])('%s: verify -x509_strict, the DNS name, the key of the CSR', async (_, kind) => {
    const { leafCertificate, intermediateCertificates, validUntil } = await server.certify(await opensslRequest(kind))
    const [leaf, root] = [join(folder, 'leaf.pem'), join(folder, 'root.pem')]
    const between = join(folder, 'intermediates.pem')
    await writeFile(leaf, await pem(leafCertificate))
    await writeFile(between, (await Promise.all(intermediateCertificates.map(pem))).join(''))
    await writeFile(root, world.ca.rootPem)

    const trust = ['-x509_strict', '-CAfile', root, '-untrusted', between, '-verify_hostname', webLinkerdName]
    for (const purpose of ['sslserver', 'sslclient']) {
      const verdict = await openssl(['verify', ...trust, '-purpose', purpose, leaf])
      expect({ ...verdict, stdout: verdict.stdout.toString() }).toMatchObject({ code: 0, stdout: `${leaf}: OK\n` })
    }

    const text = (await openssl(['x509', '-in', leaf, '-noout', '-text'])).stdout.toString()
    expect(text).toMatch(/X509v3 Subject Alternative Name: critical\s+DNS:web\.emojivoto\.serviceaccount\.identity/)
    expect(text).not.toContain('URI:')
    expect(text).toMatch(/Issuer: CN ?= ?identity\.linkerd\.cluster\.local/)
    const endDate = (await openssl(['x509', '-in', leaf, '-noout', '-enddate'])).stdout.toString()
    expect(Date.parse(endDate.replace('notAfter=', ''))).toBe(validUntil.getTime())

    const ours = (await openssl(['x509', '-in', leaf, '-noout', '-pubkey'])).stdout.toString()
    const theirs = (await openssl(['pkey', '-pubout'], { input: await readFile(join(folder, 'key.pem')) })).stdout
    expect(ours).toBe(theirs.toString())
  })

  test("refuses with Linkerd's statuses and messages, and logs with its words", async () => {
    const good = await goodRequest(world, webLinkerdName)
    const other = webLinkerdName.replace('web.', 'voting.')
    const from = server.log.length
    const expired = new TextEncoder().encode(await world.api.createToken({ ...web, expirationSeconds: -60 }))
    await expect(server.certify({ ...good, token: expired })).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: expect.stringContaining('service account token has expired') as unknown,
    })
    await expect(server.certify({ ...good, identity: other })).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      message: `CSR name does not match requested identity: csr=${webLinkerdName}; req=${other}`,
    })
    const wrong = await goodRequest(world, other)
    await expect(server.certify(wrong)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      message: `requested identity did not match provided token: requested=${other}; found=${webLinkerdName}`,
    })
    await expect(server.certify({ ...good, identity: webSpiffeId })).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
    })
    await server.log.next(/^invalid token provided for web\..*: \[invalid bearer token, .*has expired\]$/, { from })
    await server.log.next(/^requester sent invalid CSR: /, { from })
    await server.log.next(new RegExp(`^requested identity did not match provided token: requested=${other}; found=`), {
      from,
    })
    await server.certify(good)
  })
})

describe('profile dual', () => {
  test('gives both names to a caller that asks by either', async () => {
    await using both = await startServer(world, ['-profile=dual'])
    for (const identity of [webSpiffeId, webLinkerdName]) {
      const { leafCertificate } = await both.certify(await goodRequest(world, identity))
      const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-ext', 'subjectAltName'], {
        input: leafCertificate,
      })
      expect(stdout.toString()).toContain(`DNS:${webLinkerdName}, URI:${webSpiffeId}`)
    }
  })
})
