import { buildCsr, type CsrErrorCode, parseCsr } from '@meshid/csr'
import { describe, expect, test } from 'vitest'
import { codeOf, signers } from './forge.ts'

const wanted = { commonName: 'web', dnsNames: ['web'], uris: ['spiffe://example.org/web'], emailAddresses: ['a@b'] }
const good = await Promise.all(
  Object.entries(signers).map(async ([name, signer]) => [name, await buildCsr({ signer, ...wanted })] as const),
)

/** Parses and reads every fact; a getter must not find what parsing let through. */
function readAll(der: Uint8Array): CsrErrorCode | undefined {
  let csr: ReturnType<typeof parseCsr> | undefined
  const code = codeOf(() => (csr = parseCsr(der)))
  if (csr === undefined) return code
  const { subject, dnsNames, uris, emailAddresses, ipAddresses, requestedExtensions, publicKey } = csr
  expect(Object.isFrozen(subject)).toBe(true)
  expect(dnsNames.length + uris.length + emailAddresses.length + ipAddresses.length + csr.otherNameCount).toBeLessThan(
    9,
  )
  expect(requestedExtensions.length).toBeLessThan(2)
  expect(publicKey.spki.length).toBeGreaterThan(40)
  return undefined
}

describe.each(good)('mutation sweep over a %s request', (_name, der) => {
  test('each truncation is refused with a code', () => {
    for (let length = 0; length < der.length; length++) expect(readAll(der.slice(0, length))).toMatch(/^CSR_/)
  })

  test('each flipped bit is refused with a code, or leaves a request that can be read', () => {
    const codes = new Map<CsrErrorCode | 'read', number>()
    for (let bit = 0; bit < der.length * 8; bit++) {
      const bad = der.slice()
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const code = readAll(bad) ?? 'read'
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect([...codes.keys()]).toEqual(
      expect.arrayContaining(['read', 'CSR_MALFORMED', 'CSR_NAME_INVALID', 'CSR_VERSION_UNSUPPORTED']),
    )
  })

  test('each byte added is refused', () => {
    for (let at = 0; at <= der.length; at += 7) {
      const longer = Uint8Array.of(...der.subarray(0, at), 0x00, ...der.subarray(at))
      expect(readAll(longer)).toMatch(/^CSR_/)
    }
  })
})
