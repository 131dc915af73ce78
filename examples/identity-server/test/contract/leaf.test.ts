import { type Certificate, parseCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorld, webLinkerdName, type World } from '../world.ts'
import { csr, goodDraft, requestOf } from './draft.ts'
import { type ServerWithClock, startServerWithClock } from './servers.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const SKEW_MS = 20_000
const DAY_MS = 86_400_000

let world: World
let server: ServerWithClock
let asked: number
let leaf: Certificate
let intermediates: readonly Certificate[]
let validUntil: Date
beforeAll(async () => {
  world = await createWorld()
  server = await startServerWithClock(world, [
    '-identity-clock-skew-allowance=20s',
    '-identity-issuance-lifetime=24h0m0s',
  ])
  asked = Date.now()
  const draft = csr({ commonName: webLinkerdName })(goodDraft)
  const answer = await server.certify(await requestOf(draft, world.api))
  leaf = parseCertificate(answer.leafCertificate)
  intermediates = answer.intermediateCertificates.map((der) => parseCertificate(der))
  validUntil = answer.validUntil
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** One field of the leaf in section 7.1. */
interface Field {
  readonly field: string
  /** What Linkerd writes. */
  readonly linkerd: string
  /** What is different here, by quirk or reason; absent where nothing is. */
  readonly deviation?: string
  readonly found: () => unknown
  readonly expected: () => unknown
}

const fields: readonly Field[] = [
  {
    field: 'Subject',
    linkerd: 'the whole subject of the CSR',
    deviation: 'Q5: empty, whatever the CSR says',
    found: () => leaf.subject.attributes,
    expected: () => [],
  },
  {
    field: 'KeyUsage',
    linkerd: 'digitalSignature, keyEncipherment, critical',
    deviation: 'an ECDSA key cannot encipher keys, and TLS 1.3 never asks for it; SPIFFE leaves it out',
    found: () => leaf.keyUsage,
    expected: () => expect.objectContaining({ critical: true, digitalSignature: true, keyEncipherment: false }),
  },
  {
    field: 'EKU',
    linkerd: 'serverAuth, clientAuth, not critical',
    found: () => leaf.extendedKeyUsage,
    expected: () => ({ critical: false, purposes: ['serverAuth', 'clientAuth'] }),
  },
  {
    field: 'BasicConstraints',
    linkerd: 'absent',
    deviation: 'Q24: CA:FALSE, critical',
    found: () => leaf.basicConstraints,
    expected: () => expect.objectContaining({ critical: true, ca: false }),
  },
  {
    field: 'SKI',
    linkerd: 'absent',
    deviation: 'Q24: of the key of the CSR',
    found: () => leaf.subjectKeyIdentifier?.length,
    expected: () => 20,
  },
  {
    field: 'AKI',
    linkerd: "the issuer's SKI",
    found: () => leaf.authorityKeyIdentifier,
    expected: () => world.ca.issuer.certificate.subjectKeyIdentifier,
  },
  {
    field: 'SAN',
    linkerd: 'one DNS name, that of the identity; critical if the subject is empty',
    found: () => leaf.subjectAltNames,
    expected: () =>
      expect.objectContaining({
        critical: true,
        dnsNames: [webLinkerdName],
        uris: [],
        emailAddresses: [],
        ipAddresses: [],
        directoryNameCount: 0,
        otherNameCount: 0,
      }),
  },
  {
    field: 'serial number',
    linkerd: 'counted from 1',
    deviation: 'Q2: 127 random bits',
    found: () => BigInt(`0x${leaf.serialNumber}`) > 1n << 64n,
    expected: () => true,
  },
  {
    field: 'signature',
    linkerd: 'ECDSA with SHA-256, by the issuer',
    found: () => [leaf.signatureAlgorithm, leaf.issuer.commonName],
    expected: () => ['ecdsa-sha256', 'identity.linkerd.cluster.local'],
  },
  {
    field: 'key',
    linkerd: 'that of the CSR',
    found: () => leaf.publicKey.algorithm,
    expected: () => 'P-256',
  },
  {
    field: 'notBefore',
    linkerd: 'now, less the skew',
    found: () => Math.abs(leaf.notBefore.getTime() - (asked - SKEW_MS)) < 60_000,
    expected: () => true,
  },
  {
    field: 'notAfter',
    linkerd: 'now, plus the lifetime, plus the skew',
    deviation: 'Q13: the skew is not added on this side',
    found: () => leaf.notAfter.getTime() - leaf.notBefore.getTime(),
    expected: () => DAY_MS + SKEW_MS,
  },
]

describe('the leaf, field by field with section 7.1', () => {
  test.each(fields.map((row) => ({ ...row, same: row.deviation ?? 'as Linkerd' })))(
    '$field: $same',
    ({ found, expected }) => expect(found()).toEqual(expected()),
  )

  test('the extensions stand in the order of Linkerd, with the two of Q24 between', async () => {
    const { stdout } = await openssl(['x509', '-inform', 'DER', '-noout', '-text'], { input: leaf.der })
    const names = [...stdout.toString().matchAll(/^ {12}X509v3 ([\w ]+):/gm)].map(([, name]) => name)
    const [first, between, last] = [
      ['Key Usage', 'Extended Key Usage'],
      ['Basic Constraints', 'Subject Key Identifier'],
      ['Authority Key Identifier', 'Subject Alternative Name'],
    ]
    expect(names).toEqual([first, between, last].flat())
  })
})

describe('the answer', () => {
  test('has the issuer first, and leads to the anchor that proxies have', () => {
    expect(intermediates.map(({ subject }) => subject.commonName)).toEqual(['identity.linkerd.cluster.local'])
    const input = { chain: [leaf, ...intermediates], trustAnchors: world.ca.trustAnchors, now: new Date() }
    for (const purpose of ['leaf-client', 'leaf-server'] as const) {
      expect(() => verifyChain({ ...input, purpose }, { verifier: nodeVerifier })).not.toThrow()
    }
  })

  test('says in valid_until when the leaf ends, which is what drives a proxy', () => {
    expect(validUntil).toEqual(leaf.notAfter)
    expect(validUntil.getTime()).toBeGreaterThan(Date.now())
  })

  test('the DNS name is the identity, byte for byte (section 24)', () => {
    expect(leaf.subjectAltNames?.dnsNames).toEqual([goodDraft.identity])
  })
})
