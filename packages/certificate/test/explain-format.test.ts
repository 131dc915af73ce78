import { createTrustAnchors, explain, formatExplanation, type TrustAnchor, trustedKey } from '@meshid/certificate'
import { describe, expect, test } from 'vitest'
import { authority, generalName, hours, key, leaf, now, subjectAltName } from './forge.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const workload = leaf(id, { by: issuer })

function text(
  chain: readonly Uint8Array[],
  anchors: readonly TrustAnchor[] = [root.certificate],
  at: Date = now,
): string {
  return formatExplanation(explain({ chain, trustAnchors: createTrustAnchors(anchors), now: at, purpose: 'leaf' }))
}

const chain = [workload.certificate.der, issuer.certificate.der]

describe('formatExplanation', () => {
  test('begins with the verdict, the reason and what to fix', () => {
    const lines = text(chain, [root.certificate], hours(25)).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      `✗ refused     ${id}, as leaf, at 2026-11-22T13:00:00Z`,
      `Reason:       ${id} expired 1 h ago, at 2026-11-22T12:00:00Z. (CERT_EXPIRED)`,
      `What to fix:  Issue ${id} anew, and look why it was not renewed in time; or correct this`,
      '              clock if it is not 2026-11-22T13:00:00Z.',
      '',
    ])
  })

  test('draws the paths as a tree, with marks and evidence', () => {
    const other = authority('root', { key: key(99) })
    const tree = text(chain, [other.certificate, root.certificate]).split('\nPaths that were tried')[1] ?? ''
    const titles = tree.split('\n').filter((line) => /^ +[✓✗] (?:spiffe|CN)/.test(line))
    expect(titles).toEqual([
      `  ✓ ${id} (chain 0)`,
      '    ✓ CN=issuer (chain 1) signed it',
      '      ✓ CN=root (trust bundle 1) signed it ◄ trust anchor',
    ])
    expect(tree).toContain('✓ validity: 2026-11-21T11:00:00Z to 2026-11-22T12:00:00Z, 1 d left')
    expect(tree).toContain('✓ signature: ecdsa-sha256, P-256 key, key ids agree')
    expect(tree).toContain('✓ authority, critical-extensions, policies')
  })

  test('marks the link that decides, or the end that has no issuer', () => {
    const other = authority('root', { key: key(99) })
    expect(text(chain, [other.certificate])).toMatch(/✗ CN=root \(.*\) ◄ decides\n/)
    expect(text(chain, [other.certificate])).toMatch(/✗ signature: .*key ids differ: [0-9a-f]{40} signed, this is\n/)
    expect(text(chain.slice(0, 1))).toContain('✗ issuer: nobody has its name ◄ decides\n')
  })

  test('shows unreadable bytes, empty chains and trusted keys', () => {
    expect(text([Uint8Array.of(0x30, 5)])).toContain('✗ refused     an unreadable certificate, as leaf')
    expect(text([Uint8Array.of(0x30, 5)])).toContain('  0  unreadable, 2 bytes: certificate: DER_TRUNCATED')
    expect(text([])).toContain('✗ refused     an empty chain, as leaf')
    const { subject, publicKey } = root.certificate
    const shown = text(chain, [trustedKey({ subject, publicKey, notAfter: hours(1) })])
    expect(shown).toContain('     valid from always until 2026-11-21T13:00:00Z')
    expect(text(chain, [trustedKey({ subject, publicKey, notBefore: hours(-1) })])).toContain('until for ever')
  })

  test('shows the other names of a leaf, checks that were not made, and what was cut', () => {
    const names = subjectAltName([generalName(6, id), generalName(2, 'web.test'), generalName(1, 'a@b.test')], true)
    const named = leaf(id, { by: issuer, extensions: [names] }).certificate.der
    expect(text([named, issuer.certificate.der])).toContain('     names dns:web.test, email:a@b.test\n')
    const anchors = Array.from({ length: 20 }, (_, at) => authority(`other-${at}`, { key: root.key }).certificate)
    expect(text(chain, [...anchors, root.certificate])).toContain('  … 5 more trust anchors are not listed\n')
    const input = { chain, trustAnchors: [root.certificate], now, purpose: 'leaf' } as const
    const cut = formatExplanation(explain(input, { limits: { maxSignatureChecks: 0 } }))
    expect(cut).toContain('… the search ended at its limit')
    expect(cut).toContain('signature: ')
    const old = authority('issuer', { by: root, notBefore: hours(-9), notAfter: hours(-8) }).certificate.der
    const late = explain({ ...input, chain: [workload.certificate.der, old] }, { limits: { maxSignatureChecks: 0 } })
    expect(formatExplanation(late)).toContain('? not checked: signature')
  })

  test('counts long chains', () => {
    const many = Array.from({ length: 40 }, () => workload.certificate.der)
    expect(text(many)).toContain('  … 8 more certificates are not listed\n')
  })
})
