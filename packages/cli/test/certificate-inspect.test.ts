import { readFile } from 'node:fs/promises'
import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { createCaPair, linesOfPem, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder

/** The public issuer certificate of a real installation; its provenance stands beside it. */
async function realIssuer(): Promise<string> {
  const url = new URL('../../certificate/test/vectors/good-linkerd-issuer.ts', import.meta.url)
  const [pem] = /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----\n/.exec(await readFile(url, 'utf8')) ?? []
  if (pem === undefined) throw new Error('expected a PEM block in the vector, found none')
  return pem
}

describe('meshid certificate inspect', () => {
  test('shows the issuer of a real Linkerd installation (story)', async () => {
    const file = await folder.write('issuer.crt', await realIssuer())
    const { code, out, err } = await meshid(['certificate', 'inspect', file])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const line of [
      'Subject:             CN=identity.linkerd.cluster.local',
      'Issuer:              CN=root.linkerd.cluster.local',
      'Serial number:       65e94c7c0062f513d491a6b57c45df22',
      'Valid from:          2025-05-21T12:11:02Z',
      'Valid until:         2026-05-21T12:11:02Z (78 d left)',
      'Basic constraints:   CA:TRUE, path length 0 (critical)',
    ]) {
      expect(out.split('\n')).toContain(line)
    }
  })

  test('prints the same facts as JSON', async () => {
    const file = await folder.write('issuer.crt', await realIssuer())
    const { json } = await meshidJson(['certificate', 'inspect', file])
    expect(json).toEqual({
      certificates: [
        {
          subject: 'CN=identity.linkerd.cluster.local',
          issuer: 'CN=root.linkerd.cluster.local',
          spiffeId: null,
          serialNumber: '65e94c7c0062f513d491a6b57c45df22',
          notBefore: '2025-05-21T12:11:02Z',
          notAfter: '2026-05-21T12:11:02Z',
          validity: 'valid',
          publicKey: { algorithm: 'P-256', keyId: expect.stringMatching(/^[0-9a-f]{40}$/) },
          signatureAlgorithm: 'ecdsa-sha256',
          basicConstraints: { ca: true, pathLength: 0 },
          keyUsage: ['keyCertSign', 'crlSign'],
          extendedKeyUsage: null,
          subjectAltNames: null,
          subjectKeyId: 'd2abe979f0544df93e194b0a8fc97f441499b2b1',
          authorityKeyId: '293c94589cd181806ac2ecb0272037305e420756',
          unknownCriticalExtensions: [],
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
      ignored: [],
    })
  })

  test.each([
    ['2025-05-21T12:11:01Z', 'not-yet-valid'],
    ['2025-05-21T12:11:02Z', 'valid'],
    ['2026-05-21T12:11:02.999Z', 'valid'],
    ['2026-05-21T12:11:03Z', 'expired'],
  ])('says at %s that it is %s: both ends are included, in whole seconds', async (now, validity) => {
    const world = { now: new Date(now), stdin: await realIssuer() }
    const { json } = await meshidJson(['certificate', 'inspect', '-'], world)
    expect(json).toMatchObject({ certificates: [{ validity }] })
  })

  test('shows every certificate of a bundle, and says on stderr which blocks it ignored', async () => {
    await createCaPair(folder)
    const key = await folder.read('ca.key')
    const bundle = `# a comment\n${await folder.read('ca.crt')}${key}${await realIssuer()}`
    const { code, out, err } = await meshid(['certificate', 'inspect', '-'], { stdin: bundle })
    expect(code).toBe(0)
    expect(out).toMatch(/^\[1 of 2\]\nSubject: .*root[^]*\n\n\[2 of 2\]\nSubject: .*identity/)
    expect(err).toMatch(
      /^meshid: note: standard input: ignored the PRIVATE KEY block at line 1\d, which is no certificate\n$/,
    )
    for (const line of linesOfPem(key)) expect(out + err).not.toContain(line)
    const { json } = await meshidJson(['certificate', 'inspect', '-'], { stdin: bundle })
    expect(json).toMatchObject({ ignored: [{ label: 'PRIVATE KEY', line: expect.any(Number) }] })
  })

  test('takes the DER of one certificate', async () => {
    const der = Buffer.from(linesOfPem(await realIssuer()).join(''), 'base64')
    const { code, out } = await meshid(['certificate', 'inspect', await folder.write('issuer.der', der)])
    expect(code).toBe(0)
    expect(out).toContain('CN=identity.linkerd.cluster.local')
  })

  test('shows the SPIFFE ID of a trust domain that a CA carries', async () => {
    await createCaPair(folder, ['--trust-domain', 'example.org'])
    const { json } = await meshidJson(['certificate', 'inspect', path('issuer.crt')])
    expect(json).toMatchObject({
      certificates: [{ spiffeId: 'spiffe://example.org', subjectAltNames: { uris: ['spiffe://example.org'] } }],
    })
  })

  test('refuses a file with a broken block and names the file and the line', async () => {
    const file = await folder.write('broken.crt', (await realIssuer()).replace('MIIB', 'MI!B'))
    const { code, out, err } = await meshid(['certificate', 'inspect', file])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(new RegExp(`^meshid: CERT_PEM_INVALID: ${file}: PEM: .*\n`))
    expect(err).toMatch(/line:? 2/)
  })

  test.each([
    ['trailing bytes', (der: Uint8Array) => Buffer.concat([der, Buffer.of(0)])],
    ['a truncation', (der: Uint8Array) => der.subarray(0, 100)],
  ])('refuses DER with %s', async (_, damage) => {
    const der = Buffer.from(linesOfPem(await realIssuer()).join(''), 'base64')
    const { code, err } = await meshid(['certificate', 'inspect', '-'], { stdin: damage(der) })
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CERT_DER_INVALID: standard input: certificate: /)
    expect(err).not.toContain('because')
  })

  test.each([
    ['an empty file', '', 'CERT_PEM_EMPTY'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n', 'CERT_PEM_EMPTY'],
    ['some text', 'hello', 'CERT_PEM_EMPTY'],
    ['more than 1 MiB', 'x'.repeat(0x100001), 'CLI_FILE_TOO_LARGE'],
  ])('refuses %s', async (_, stdin, reason) => {
    const { code, err } = await meshid(['certificate', 'inspect', '-'], { stdin })
    expect(code).toBe(1)
    expect(err).toContain(`meshid: ${reason}: standard input: `)
  })

  test('reads no more of an endless file than its limit', async () => {
    const { code, err } = await meshid(['certificate', 'inspect', '/dev/zero'])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: CLI_FILE_TOO_LARGE: \/dev\/zero: expected at most 1048576 bytes, found more\n/)
  })

  test.each([
    ['gone.crt', 'CLI_FILE_MISSING', 'ENOENT'],
    ['.', 'CLI_FILE_UNREADABLE', 'EISDIR'],
  ])('refuses %s with %s', async (name, reason, system) => {
    const { code, err } = await meshid(['certificate', 'inspect', path(name)])
    expect(code).toBe(1)
    expect(err).toContain(`meshid: ${reason}: ${path(name)}: expected a file, the system said ${system}\n`)
  })

  test('a path that would move the cursor is printed harmlessly', async () => {
    const { err } = await meshid(['certificate', 'inspect', path('\u001b[2J\u202e')])
    expect(err).toContain('\\u{1b}[2J\\u{202e}')
  })
})
