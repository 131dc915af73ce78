import {
  type Certificate,
  CertificateError,
  type ChainPurpose,
  createTrustAnchors,
  explain,
  type Explanation,
  formatExplanation,
  parseCertificate,
  verifyChain,
} from '@meshid/certificate'
import { oids } from '@meshid/der'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  authority,
  basicConstraints,
  extendedKeyUsage,
  generalName,
  hours,
  key,
  keyUsage,
  leaf,
  type Link,
  nameConstraints,
  now,
  usage,
} from './forge.ts'
import { sha1Leaf, shortRsaLeaf } from './old-strength.ts'

/** Real cryptography, each signature once. */
function rememberingVerifier(): Verifier {
  const known = new Map<string, boolean>()
  return {
    verify: (publicKey, algorithm, message, signature) => {
      const name = [publicKey.spki, message, signature].map((bytes) => bytes.join()).join(';')
      const verdict = known.get(name) ?? nobleVerifier.verify(publicKey, algorithm, message, signature)
      known.set(name, verdict)
      return verdict
    },
  }
}

const verifier = rememberingVerifier()
const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const old = { notBefore: hours(-9), notAfter: hours(-8) }
const usual = [basicConstraints(true), keyUsage(usage.keyCertSign)]
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const permitted = [generalName(6, 'other.test')]

const signers: readonly Link[] = [
  root,
  authority('root', { key: key(91) }),
  authority('root', old),
  authority('root', { by: authority('other') }),
  authority('other'),
  issuer,
  authority('issuer', { by: root, key: key(92) }),
  authority('issuer', { by: root, ...old }),
  authority('issuer', { by: root, notBefore: hours(1) }),
  authority('issuer', { by: root, more: [nameConstraints({ permitted })] }),
  authority('issuer', { by: root, extensions: [basicConstraints(true)] }),
  authority('issuer', { by: root, extensions: [...usual, extendedKeyUsage(oids.codeSigning)] }),
  authority('issuer', { by: root, extensions: [basicConstraints(false)] }),
  authority('middle', { by: issuer }),
  authority('middle', { by: authority('issuer', { by: root }) }),
]

const leaves: readonly Link[] = [
  leaf(id, { by: issuer }),
  leaf(id, { by: issuer, ...old }),
  leaf(id, { by: issuer, extensions: [extendedKeyUsage(oids.clientAuth)] }),
  leaf(id, { by: issuer, extensions: [keyUsage(usage.keyCertSign)] }),
  leaf(id, { by: authority('middle') }),
  leaf(id, { by: root }),
]

type Item = Certificate | Uint8Array

const bytes: readonly Item[] = [
  sha1Leaf(issuer),
  shortRsaLeaf(issuer),
  new Uint8Array(),
  issuer.certificate.der.slice(1),
]
const certificates = (links: readonly Link[]): readonly Certificate[] => links.map((link) => link.certificate)
const anyone = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Item>(...certificates(signers)) },
  { weight: 1, arbitrary: fc.constantFrom<Item>(...certificates(leaves), ...bytes) },
)
const chains = fc.tuple(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Item>(...certificates(leaves)) },
    { weight: 1, arbitrary: fc.constantFrom<Item>(...bytes, issuer.certificate) },
  ),
  fc.array(anyone, { maxLength: 11 }),
)
const anchorLists = fc.oneof(
  { weight: 3, arbitrary: fc.subarray<Item>([...certificates(signers.slice(0, 6))], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.array(anyone, { maxLength: 3 }) },
)
const purposes = fc.constantFrom<ChainPurpose>('leaf', 'leaf-client', 'leaf-server', 'issuer')

interface Question {
  readonly chain: readonly Item[]
  readonly trustAnchors: readonly Item[]
  readonly now: Date
  readonly purpose: ChainPurpose
}

const read = (item: Item): Certificate => (item instanceof Uint8Array ? parseCertificate(item) : item)

/** What somebody who calls the parsers and `verifyChain` in turn is told. */
function verdictOf({ chain, trustAnchors, now: at, purpose }: Question): string {
  const length = chain.reduce((sum, item) => sum + (item instanceof Uint8Array ? item : item.der).length, 0)
  if (chain.length > 10 || length > 0x10000) return 'CERT_CHAIN_TOO_LONG'
  try {
    const parsed = chain.map(read)
    const anchors = createTrustAnchors(trustAnchors.map(read))
    verifyChain({ chain: parsed, trustAnchors: anchors, now: at, purpose }, { verifier })
    return 'accepted'
  } catch (error) {
    if (error instanceof CertificateError) return error.code
    throw error
  }
}

const codeOf = ({ verdict, reason }: Explanation): string => (verdict === 'accepted' ? verdict : (reason?.code ?? ''))

describe('explain', { timeout: 120_000 }, () => {
  test('says what verifyChain says, for any chain, anchors, purpose and instant', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        chains,
        anchorLists,
        purposes,
        fc.integer({ min: -2, max: 30 }),
        ([first, rest], trust, purpose, hour) => {
          const question = { chain: [first, ...rest], trustAnchors: trust, now: hours(hour), purpose }
          const explanation = explain(question, { verifier })
          expect(codeOf(explanation)).toBe(verdictOf(question))
          expect(explanation.reason === undefined).toBe(explanation.verdict === 'accepted')
          expect(explanation.reason?.fix).not.toBe('')
          seen.add(codeOf(explanation))
        },
      ),
      { numRuns: 600 },
    )
    expect(seen.size, [...seen].join(', ')).toBeGreaterThan(8)
  })

  test('never throws for bytes: each bit flip and each truncation is explained as it is refused', () => {
    const { der } = issuer.certificate
    const flips = fc.tuple(fc.nat(der.length - 1), fc.nat(7)).map(([at, bit]) => {
      const flipped = new Uint8Array(der)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      return flipped
    })
    const cuts = fc.nat(der.length).map((length) => der.slice(0, length))
    const workload = leaves[0]?.certificate ?? root.certificate
    fc.assert(
      fc.property(fc.oneof(flips, cuts), fc.boolean(), (item, isAnchor) => {
        const question: Question = {
          chain: isAnchor ? [workload] : [workload, item],
          trustAnchors: isAnchor ? [item] : [root.certificate],
          now,
          purpose: 'leaf',
        }
        expect(codeOf(explain(question, { verifier }))).toBe(verdictOf(question))
      }),
      { numRuns: 300 },
    )
  })

  test('and its text are never wider than a terminal, for names of any length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), fc.nat(250), (name, length) => {
        const certificate = authority(`${name}x`, { key: root.key }).certificate
        const web = leaf(`spiffe://td.test/${'a'.repeat(length)}`, { by: { certificate, key: root.key } }).certificate
        const text = formatExplanation(
          explain({ chain: [web], trustAnchors: [root.certificate], now, purpose: 'leaf' }),
        )
        expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u)
      }),
      { numRuns: 60 },
    )
  })
})
