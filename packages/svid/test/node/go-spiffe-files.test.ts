import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodePem } from '@meshid/der'
import { parseCertificates } from '@meshid/certificate'
import { parsePrivateKey } from '@meshid/keys'
import { checkOwnSvid } from '@meshid/svid'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../forge.ts'

/** One SVID file with go-spiffe's verdict. */
interface SvidFile {
  readonly id: string
  readonly expected: 'accept' | 'reject'
  readonly pem: string
  readonly certificates: number
  readonly id_expected?: string
  readonly go_spiffe_message?: string
}

const path = new URL('../../../../../shared/vectors/linkerd-fixtures.json.gz', import.meta.url)

function readFiles(): readonly SvidFile[] {
  if (existsSync(path)) {
    return (JSON.parse(gunzipSync(readFileSync(path)).toString()) as { readonly svid_files: readonly SvidFile[] })
      .svid_files
  }
  process.stderr.write('linkerd-fixtures.json.gz is not in ../shared/vectors: its tests are skipped\n')
  return []
}

/** Loads as go-spiffe does: certificates and keys in any order; without a key in the file, the leaf's own is taken. */
function load(pem: string): string {
  const blocks = decodePem(pem)
  const chain = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ bytes }) => bytes)
  const key = blocks.find(({ label }) => label === 'PRIVATE KEY')
  const publicKey = key === undefined ? parseCertificates(pem)[0]?.publicKey : parsePrivateKey(key.bytes).publicKey
  if (publicKey === undefined) throw new Error('expected a certificate')
  return checkOwnSvid({ chain, publicKey }).toString()
}

const files = readFiles()

describe.skipIf(files.length === 0)('SVID files of go-spiffe (X509-34)', () => {
  const codes: Readonly<Record<string, string>> = {
    'wrong-leaf-ca-true': 'SVID_LEAF_IS_CA',
    'wrong-leaf-cert-sign': 'SVID_LEAF_CAN_SIGN',
    'wrong-leaf-crl-sign': 'SVID_LEAF_CAN_SIGN',
    'wrong-leaf-empty-id': 'SVID_NO_URI_NAME',
    'wrong-leaf-no-digital-signature': 'SVID_LEAF_NO_DIGITAL_SIGNATURE',
    'wrong-intermediate-no-ca': 'SVID_ISSUER_NOT_A_CA',
    'wrong-intermediate-no-key-cert-sign': 'SVID_ISSUER_CANNOT_SIGN',
  }

  test('are all twelve', () => {
    expect(files).toHaveLength(12)
  })

  test.each(files.filter(({ expected }) => expected === 'accept'))(
    '$id is accepted',
    ({ pem, id_expected: expected }) => {
      expect(load(pem)).toBe(expected)
    },
  )

  test.each(files.filter(({ id }) => codes[id] !== undefined))('$id is refused: $go_spiffe_message', ({ id, pem }) => {
    expect(codeOf(() => load(pem))).toBe(codes[id])
  })

  test('corrupt-cert is refused: the bytes are no certificate', () => {
    const corrupt = files.find(({ id }) => id === 'corrupt-cert')
    const [block] = decodePem(corrupt?.pem ?? '')
    const publicKey = parsePrivateKey(
      decodePem(files.find(({ id }) => id === 'good-key-and-cert')?.pem ?? '').find(
        ({ label }) => label === 'PRIVATE KEY',
      )?.bytes ?? new Uint8Array(),
    ).publicKey
    expect(codeOf(() => checkOwnSvid({ chain: [block?.bytes ?? new Uint8Array()], publicKey }))).toBe(
      'SVID_CERTIFICATE_INVALID',
    )
  })
})
