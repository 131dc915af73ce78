import { encodeCertificatePem, parseCertificate } from '@meshid/certificate'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCaPair, meshid, meshidJson, noon, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'

/** `chain.pem`, `leaf.pem`, `leaf.der`, `issuer.crt`, and `ca.crt` that leads to them. */
async function writeChain(): Promise<void> {
  const ca = await createTestCa({ now: noon })
  const { leaf } = await ca.issue({ spiffeId: parseSpiffeId(spiffeId) })
  const pem = encodeCertificatePem(parseCertificate(leaf))
  await folder.write('chain.pem', pem + ca.issuerPem)
  await folder.write('leaf.pem', pem)
  await folder.write('leaf.der', leaf)
  await folder.write('issuer.crt', ca.issuerPem)
  await folder.write('ca.crt', ca.rootPem)
}

const command = (chain: string, ...options: readonly string[]): string[] => [
  'certificate',
  'explain',
  '--chain',
  chain === '-' ? chain : path(chain),
  '--anchors',
  path('ca.crt'),
  ...options,
]

const explain = (chain: string, ...options: readonly string[]) => meshid(command(chain, ...options))

describe('meshid certificate explain', () => {
  beforeEach(writeChain)

  test('an accepted chain ends with 0 and shows its path', async () => {
    const { code, out, err } = await explain('chain.pem')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`✓ accepted    ${spiffeId}, as leaf, at 2026-03-04T12:00:00Z\n`)
    expect(out).toContain('✓ CN=root.linkerd.cluster.local (trust bundle 0) signed it ◄ trust anchor\n')
  })

  test('a refused chain ends with 1, and its explanation is the answer, on standard output alone', async () => {
    const { code, out, err } = await explain('chain.pem', '--now', '2026-03-05')
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/^✗ refused .*\nReason: {7}.* expired 11 h ago, .*\n?.*\(CERT_EXPIRED\)\nWhat to fix: {2}Issue/)
  })

  test('has the verdict and the code of certificate verify', async () => {
    for (const options of [[], ['--purpose', 'issuer'], ['--purpose', 'leaf-client']]) {
      const verify = ['certificate', 'verify', path('chain.pem'), '--trust-anchors', path('ca.crt'), ...options]
      const verified = await meshid(verify)
      const { code, json } = await meshidJson(command('chain.pem', ...options))
      expect(code).toBe(verified.code)
      if (code === 1) expect(verified.err).toContain((json as { reason: { code: string } }).reason.code)
    }
  })

  test('takes intermediates from other files, DER, and standard input', async () => {
    expect((await explain('leaf.pem')).code).toBe(1)
    expect((await explain('leaf.pem', '--intermediates', path('issuer.crt'))).code).toBe(0)
    expect((await explain('leaf.der', '--intermediates', path('issuer.crt'), path('ca.crt'))).code).toBe(0)
    const stdin = await folder.read('chain.pem')
    expect((await meshid(command('-'), { stdin })).code).toBe(0)
  })

  test('prints JSON, also of a refusal', async () => {
    const { code, json, err } = await meshidJson(command('leaf.pem'))
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(json).toMatchObject({
      verdict: 'refused',
      purpose: 'leaf',
      reason: { code: 'CERT_UNKNOWN_ISSUER', fix: expect.stringContaining('Send the certificate of CN=identity') },
      tree: { role: 'target', index: 0, noIssuer: expect.stringContaining('expected its issuer') },
    })
  })

  test('explains bytes that are no certificates, in the chain and among the anchors', async () => {
    await folder.write('cut.der', (await folder.readBytes('leaf.der')).subarray(0, 200))
    expect((await explain('cut.der')).out).toContain('unreadable, 200 bytes: certificate: DER_TRUNCATED')
    await folder.write('ca.crt', await folder.read('leaf.pem'))
    expect((await explain('chain.pem')).out).toContain('is no CA (CA:FALSE). (CERT_NOT_A_CA)')
  })

  test('with a trust domain, judges an SVID by the rules of SVIDs, for both sides', async () => {
    const good = await explain('chain.pem', '--trust-domain', 'cluster.local')
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining('  ✓ X509-2   there is no second URI name') })
    const foreign = await explain('chain.pem', '--trust-domain', 'other.test')
    expect(foreign.code).toBe(1)
    expect(foreign.out).toContain('(SVID_BUNDLE_MISSING)')
    for (const side of ['client', 'server']) {
      const { json } = await meshidJson(
        command('chain.pem', '--trust-domain', 'cluster.local', '--purpose', `leaf-${side}`),
      )
      expect(json).toMatchObject({ verdict: 'accepted', purpose: `leaf-${side}` })
    }
  })

  test('a bundle that cannot be one is refused with its file', async () => {
    await folder.write('ca.crt', await folder.read('leaf.pem'))
    const { code, out, err } = await explain('chain.pem', '--trust-domain', 'cluster.local')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`meshid: TRUST_BUNDLE_NOT_A_CA: ${path('ca.crt')}: `)
  })

  test('tells which blocks are no certificates, and which PEM is broken', async () => {
    await createCaPair(folder, ['--force'])
    await folder.write('both.pem', (await folder.read('ca.key')) + (await folder.read('leaf.pem')))
    expect((await explain('both.pem')).err).toContain(
      'note: ' + path('both.pem') + ': ignored the PRIVATE KEY block at line 1',
    )
    await folder.write('bad.pem', (await folder.read('leaf.pem')).replace('M', '!'))
    const { code, err } = await explain('bad.pem')
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: DER_PEM_[A-Z0-9_]+: .*bad\.pem: /)
  })

  test.each([
    [['--anchors', '-'], 'expected standard input (-) once'],
    [['--purpose', 'fun'], 'Allowed choices are leaf'],
    [['--purpose', 'issuer', '--trust-domain', 'cluster.local'], 'expected one of a leaf beside --trust-domain'],
  ])('%j is wrong usage', async (options, message) => {
    const { code, err } = await explain('-', ...options)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  test('is coloured on a screen, unless NO_COLOR is set', async () => {
    const args = command('leaf.pem')
    const { out } = await meshid(args, { outIsTerminal: true })
    expect(out).toContain('\u001B[31m✗\u001B[39m refused')
    expect(out).toContain('\u001B[1mWhat to fix:\u001B[22m')
    expect(out).toContain('\u001B[1mTrust bundle\u001B[22m')
    expect((await meshid(args, { outIsTerminal: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001B')
    expect((await meshid(args)).out).not.toContain('\u001B')
  })
})
