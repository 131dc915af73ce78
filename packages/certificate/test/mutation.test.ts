import {
  type Certificate,
  CertificateError,
  checkSvidLeaf,
  createTrustAnchors,
  inspectCertificate,
  parseCertificate,
  parseCertificates,
  verifyChain,
} from '@meshid/certificate'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { authority, key, leaf, now } from './forge.ts'
import { goodLinkerdIssuerPem } from './vectors/good-linkerd-issuer.ts'

const root = authority('root', { key: key(4, 'Ed25519') })
const issuer = authority('issuer', { by: root, key: key(4, 'P-384'), pathLength: 0 })
const workload = leaf('spiffe://td.test/ns/emojivoto/sa/web', { by: issuer })
const trustAnchors = createTrustAnchors([root.certificate])

const good: readonly (readonly [name: string, certificate: Certificate])[] = [
  ...parseCertificates(goodLinkerdIssuerPem).map((certificate) => ['a Linkerd issuer', certificate] as const),
  ['an Ed25519 root', root.certificate],
  ['a P-384 issuer', issuer.certificate],
  ['a workload', workload.certificate],
]

/** Signatures are somebody else's sweep: here each verifies, so that everything behind them is reached. */
const believer: Verifier = { verify: () => true }

/** A whole sweep takes well under a second; one that takes this long hangs somewhere. */
const SWEEP_MS = 20_000

/** Reads, prints and judges; says whether the bytes were read, and lets through nothing but coded errors. */
function use(der: Uint8Array): boolean {
  let certificate: Certificate
  try {
    certificate = parseCertificate(der)
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError)
    return false
  }
  expect(inspectCertificate(certificate, { now })).toContain('Serial number')
  expect(certificate.der).toEqual(Uint8Array.from(der))
  for (const judge of [
    () => checkSvidLeaf(certificate),
    () =>
      verifyChain(
        { chain: [certificate, issuer.certificate], trustAnchors, now, purpose: 'leaf' },
        { verifier: believer },
      ),
    () => verifyChain({ chain: [certificate], trustAnchors, now, purpose: 'issuer' }, { verifier: believer }),
    () => createTrustAnchors([certificate]),
  ]) {
    try {
      judge()
    } catch (error) {
      expect(error).toBeInstanceOf(CertificateError)
    }
  }
  return true
}

describe.each(good)('mutation sweep of %s', (_, { der }) => {
  test('the vector itself is read', () => {
    expect(use(der)).toBe(true)
  })

  test('each truncation and each added octet is refused', () => {
    for (let length = 0; length < der.length; length++) expect(use(der.slice(0, length))).toBe(false)
    for (const more of [0x00, 0x30, 0xff]) expect(use(Uint8Array.of(...der, more))).toBe(false)
  })

  test(
    'each flipped bit is refused with a code, or is another well-formed certificate',
    () => {
      let refused = 0
      for (let bit = 0; bit < der.length * 8; bit++) {
        const bad = der.slice()
        bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        if (!use(bad)) refused += 1
      }
      expect(refused).toBeGreaterThan(der.length * 2)
    },
    SWEEP_MS,
  )

  test(
    'each octet that is removed, doubled or replaced is refused with a code, or well-formed',
    () => {
      let read = 0
      for (let at = 0; at < der.length; at++) {
        const [before, octet, after] = [der.slice(0, at), der[at] ?? 0, der.slice(at + 1)]
        for (const middle of [[], [octet, octet], [0x00], [0x30], [0x80], [0xa0], [0xff]]) {
          if (use(Uint8Array.of(...before, ...middle, ...after))) read += 1
        }
      }
      expect(read).toBeGreaterThan(0)
    },
    SWEEP_MS,
  )
})

test('each flipped bit of a leaf breaks its chain', () => {
  const { der } = workload.certificate
  const verify = (first: Uint8Array) => {
    const chain = [parseCertificate(first), issuer.certificate]
    verifyChain({ chain, trustAnchors, now, purpose: 'leaf' }, { verifier: nobleVerifier })
  }
  verify(der)
  for (let at = 0; at < der.length; at += 3) {
    const bad = der.slice()
    bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8))
    expect(() => verify(bad)).toThrow(CertificateError)
  }
})
