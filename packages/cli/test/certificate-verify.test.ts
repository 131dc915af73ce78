import { encodeCertificatePem, parseCertificate } from '@meshid/certificate'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createTestCa } from '@meshid/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { createCaPair, meshid, meshidJson, noon, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'

/** `chain.pem`, a leaf for an hour and its issuer, and `anchors.pem`. */
async function writeChain(): Promise<void> {
  const ca = await createTestCa({ now: noon })
  const { leaf } = await ca.issue({ spiffeId: parseSpiffeId(spiffeId) })
  await folder.write('chain.pem', encodeCertificatePem(parseCertificate(leaf)) + ca.issuerPem)
  await folder.write('leaf.der', leaf)
  await folder.write('anchors.pem', ca.rootPem)
}

const verify = (name: string, ...options: readonly string[]) =>
  meshid(['certificate', 'verify', path(name), '--trust-anchors', path('anchors.pem'), ...options])

describe('meshid certificate verify', () => {
  beforeEach(writeChain)

  test.each(['leaf', 'leaf-client', 'leaf-server'])('a workload certificate is good as %s', async (purpose) => {
    const { code, out, err } = await verify('chain.pem', '--purpose', purpose)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(`\
Verified:            ${spiffeId}, as ${purpose}, at 2026-03-04T12:00:00Z
URI name:            ${spiffeId}
Issued by:           CN=identity.linkerd.cluster.local
Trust anchor:        CN=root.linkerd.cluster.local
Valid until:         2026-03-04T13:00:00Z, with every certificate above it
`)
  })

  test('prints the path as JSON, from the leaf to the anchor', async () => {
    const { json } = await meshidJson([
      'certificate',
      'verify',
      path('chain.pem'),
      '--trust-anchors',
      path('anchors.pem'),
    ])
    expect(json).toMatchObject({
      verified: true,
      purpose: 'leaf',
      at: '2026-03-04T12:00:00Z',
      notAfter: '2026-03-04T13:00:00Z',
      path: [
        { name: spiffeId },
        { name: 'CN=identity.linkerd.cluster.local' },
        { name: 'CN=root.linkerd.cluster.local', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
    })
  })

  test('the issuer that certificate create makes verifies as issuer below its root', async () => {
    await createCaPair(folder)
    const args = ['certificate', 'verify', path('issuer.crt'), '--trust-anchors', path('ca.crt')]
    expect(await meshid([...args, '--purpose', 'issuer'])).toMatchObject({ code: 0, err: '' })
  })

  test('a CA certificate is not good as a leaf, and the purpose that was meant is named', async () => {
    const { code, err } = await verify('anchors.pem')
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: note: .*add --purpose issuer\nmeshid: CERT_LEAF_IS_CA: /)
  })

  test.each([
    ['2026-03-04T13:00:00Z', 0],
    ['2026-03-04T14:00:00+01:00', 0],
    ['2026-03-04T13:00:00.999Z', 0],
    ['2026-03-04T13:00:01Z', 1],
    ['2026-03-04T11:59:49Z', 1],
    ['2026-03-05', 1],
  ])('judges the times at %s, exit %i', async (at, expected) => {
    expect((await verify('chain.pem', '--at', at)).code).toBe(expected)
  })

  test('a failure says its code, expected and found, further evidence and the next step', async () => {
    const { code, out, err } = await verify('chain.pem', '--at', '2026-03-05')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    const [first, evidence, next, end] = err.split('\n')
    expect(first).toBe(
      `meshid: CERT_EXPIRED: ${spiffeId}: expected a certificate that is valid at 2026-03-05T00:00:00.000Z, found one until 2026-03-04T13:00:00.000Z`,
    )
    expect(evidence).toMatch(/^ {2}evidence: serialNumber [0-9a-f]+, notBefore 2026-03-04T11:59:50\.000Z$/)
    expect(next).toBe('  next: A certificate is past its notAfter; renew it, or check the clock.')
    expect(end).toBe('')
  })

  test('a failure is JSON too when JSON is wanted', async () => {
    const { code, json, err } = await meshidJson([
      'certificate',
      'verify',
      path('leaf.der'),
      '--trust-anchors',
      path('anchors.pem'),
    ])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_UNKNOWN_ISSUER: /)
    expect(json).toMatchObject({
      verified: false,
      code: 'CERT_UNKNOWN_ISSUER',
      message: expect.stringContaining('found'),
      detail: { certificate: spiffeId },
      next: expect.stringContaining('check the bundle and the chain'),
    })
  })

  test('a chain to another root of the same name is refused (Q13 is no excuse: signatures count)', async () => {
    await createCaPair(folder)
    const { code, err } = await meshid(['certificate', 'verify', path('chain.pem'), '--trust-anchors', path('ca.crt')])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_(SIGNATURE_INVALID|UNKNOWN_ISSUER): /)
  })

  test('a leaf is no trust anchor', async () => {
    const { code, err } = await meshid([
      'certificate',
      'verify',
      path('chain.pem'),
      '--trust-anchors',
      path('leaf.der'),
    ])
    expect(code).toBe(1)
    expect(err).toContain('meshid: CERT_NOT_A_CA: ')
  })

  test('a broken file of trust anchors is named, and is a failed verification in JSON', async () => {
    await folder.write('anchors.pem', 'nothing here')
    const { code, json, err } = await meshidJson([
      'certificate',
      'verify',
      path('chain.pem'),
      '--trust-anchors',
      path('anchors.pem'),
    ])
    expect(code).toBe(1)
    expect(err).toContain(`meshid: CERT_PEM_EMPTY: ${path('anchors.pem')}: `)
    expect(json).toMatchObject({ verified: false, code: 'CERT_PEM_EMPTY' })
  })

  test('a missing file is no verdict', async () => {
    const { code, out, err } = await verify('gone.pem', '--json')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('meshid: CLI_FILE_MISSING: ')
  })

  test.each(['tomorrow', '2026-03-04T12:00:00', '2026-02-30', '2026-13-01', '2026-03-04T25:00:00Z', '', '1772625600'])(
    '--at %j is wrong usage: a time zone must be said, the day must exist',
    async (at) => {
      const { code, err } = await verify('chain.pem', '--at', at)
      expect(code).toBe(2)
      expect(err).toMatch(/^meshid: CLI_INSTANT_INVALID: instant: expected .*, found ".*"\n/)
    },
  )
})
