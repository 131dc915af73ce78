import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  checkDer,
  decodePem,
  DerError,
  DerReader,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeTime,
} from '@meshid/der'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'meshid-der-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openssl = (args: readonly string[], input: Uint8Array | string = '') =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'ignore'] }).toString()

describe('openssl', () => {
  test.each(['EC:prime256v1', 'EC:secp384r1', 'ED25519', 'RSA:2048'])(
    'its %s certificate with text is read',
    (kind) => {
      const [algorithm = '', size] = kind.split(':')
      const option = algorithm === 'EC' ? `ec_paramgen_curve:${size}` : `rsa_keygen_bits:${size}`
      const keyFile = join(folder, `${algorithm}-${size}.pem`)
      openssl(['genpkey', '-algorithm', algorithm, ...(size ? ['-pkeyopt', option] : []), '-out', keyFile])
      const names = ['-subj', '/C=NO/O=é/CN=root', '-utf8', '-addext', 'subjectAltName=URI:spiffe://example.org']
      const text = openssl(['req', '-x509', '-key', keyFile, ...names, '-text', '-days', '20000'])
      const blocks = decodePem(text + readFileSync(keyFile, 'utf8'))
      expect(blocks.map(({ label }) => label)).toEqual(['CERTIFICATE', 'PRIVATE KEY'])
      for (const { bytes } of blocks) checkDer(bytes)
    },
  )

  test('reads what we write', () => {
    const bytes = encodeSequence(
      encodeInteger(-129),
      encodeOid('2.25.329800735698586629295641978511506172918'),
      encodeTime(new Date('2049-12-31T23:59:59Z')),
      encodeTime(new Date('2050-01-01T00:00:00Z')),
    )
    const text = openssl(['asn1parse', '-inform', 'DER'], bytes)
    expect(text).toMatch(/INTEGER\s+:-81\n/)
    expect(text).toMatch(/OBJECT\s+:2\.25\.329800735698586629295641978511506172918\n/)
    expect(text).toMatch(/UTCTIME\s+:491231235959Z\n/)
    expect(text).toMatch(/GENERALIZEDTIME\s+:20500101000000Z\n/)
  })
})

interface Limbo {
  readonly testcases: readonly {
    readonly id: string
    readonly expected_result: 'SUCCESS' | 'FAILURE'
    readonly leaf: string
    readonly intermediates: readonly string[]
    readonly roots: readonly string[]
  }[]
}

const limboUrl = new URL('../../../../../shared/vectors/limbo-subset.json.gz', import.meta.url)
const hasLimbo = existsSync(limboUrl)
if (!hasLimbo) process.stderr.write('skipped: the x509-limbo vectors are not beside the project\n')

describe.skipIf(!hasLimbo)('x509-limbo', () => {
  test('every certificate of a chain that must be accepted is strict DER', () => {
    const limbo: Limbo = JSON.parse(gunzipSync(readFileSync(limboUrl)).toString())
    const good = limbo.testcases.filter((it) => it.expected_result === 'SUCCESS')
    expect(good.length).toBeGreaterThan(50)
    const refused = good.flatMap(({ id, leaf, intermediates, roots }) =>
      [leaf, ...intermediates, ...roots].flatMap((pem) => {
        try {
          for (const { bytes } of decodePem(pem)) checkDer(bytes)
          return []
        } catch (error) {
          if (!(error instanceof DerError)) throw error
          return [`${id}: ${error.message}`]
        }
      }),
    )
    expect(refused).toEqual([])
  })

  test('no certificate, good or bad, brings anything but a DerError', () => {
    const limbo: Limbo = JSON.parse(gunzipSync(readFileSync(limboUrl)).toString())
    let read = 0
    for (const { leaf, intermediates, roots } of limbo.testcases) {
      for (const pem of [leaf, ...intermediates, ...roots]) {
        try {
          for (const { bytes } of decodePem(pem)) new DerReader(bytes).enter(0x30)
          for (const { bytes } of decodePem(pem)) checkDer(bytes)
          read += 1
        } catch (error) {
          expect(error).toBeInstanceOf(DerError)
        }
      }
    }
    expect(read).toBeGreaterThan(1000)
  })
})
