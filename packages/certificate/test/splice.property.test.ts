import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyIdentifier } from '@meshid/keys'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import { createIssuer, parseCertificate, type WorkloadIdentity, workloadTemplate } from '@meshid/certificate'
import { encodeTbsCertificate } from '../src/codec.ts'
import { at, createCa, dayMs, newKey, now, type TestAlgorithm } from './ca.ts'

const characters = (alphabet: string, length: { minLength: number; maxLength: number }) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), ...length })

const trustDomains = characters('abcdefghijklmnopqrstuvwxyz0123456789', { minLength: 1, maxLength: 255 })
const segments = fc.array(characters('abcXYZ019._-', { minLength: 1, maxLength: 1700 }), { minLength: 1, maxLength: 4 })

const spiffeIds = fc
  .tuple(trustDomains, segments)
  .map(([name, path]) => `spiffe://${name}/${path.join('/')}`)
  .filter((text) => text.length <= 2048 && !/\/\.\.?(\/|$)/.test(text))
  .map((text) => parseSpiffeId(text))

const labels = characters('abcdefghijklmnopqrstuvwxyz0123456789', { minLength: 1, maxLength: 50 })

const linkerdNames = fc.tuple(labels, labels, labels).map(([name, namespace, controlNamespace]) =>
  linkerdName({
    serviceAccount: serviceAccount(namespace, name),
    controlNamespace,
    trustDomain: parseTrustDomain('cluster.local'),
  }),
)

const identities: fc.Arbitrary<WorkloadIdentity> = fc.oneof(
  fc.record({ spiffeId: spiffeIds }),
  fc.record({ dnsName: linkerdNames }),
  fc.record({ spiffeId: spiffeIds, dnsName: linkerdNames }),
)

/** Randomness in which every third number begins with zeros, so that serial numbers have several lengths. */
function shortSerialNumbers(length: number): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  for (let start = 0; start < length; start += 48) bytes.fill(0, start, start + (start % 7))
  return bytes
}

/** Names of few lengths, so that most leaves are as long as one before. */
const shortIds = characters('abcdefghij', { minLength: 1, maxLength: 3 })
const similarIdentities: fc.Arbitrary<WorkloadIdentity> = fc
  .tuple(shortIds, shortIds, fc.boolean(), fc.boolean())
  .map(([name, namespace, hasId, hasName]): WorkloadIdentity => {
    const trustDomain = parseTrustDomain('td')
    const spiffeId = parseSpiffeId(`spiffe://td/${name}`)
    if (!hasName) return { spiffeId }
    const dnsName = linkerdName({
      serviceAccount: serviceAccount(namespace, name),
      controlNamespace: 'linkerd',
      trustDomain,
    })
    return hasId ? { spiffeId, dnsName } : { dnsName }
  })

describe('splicing', async () => {
  const born = at(-dayMs)
  const keys = (['P-256', 'P-384', 'Ed25519'] as const).map((algorithm: TestAlgorithm) => newKey(algorithm))
  const templates = [workloadTemplate(), workloadTemplate({ commonName: 'web' })]
  const issuers = await Promise.all(
    (['P-256', 'Ed25519'] as const).flatMap((algorithm) =>
      templates.map(async (template) => {
        const ca = await createCa({
          algorithm,
          now: born,
          rootLifetimeMs: 40 * 365 * dayMs,
          lifetimeMs: 40 * 365 * dayMs,
        })
        const issuer = await createIssuer({ ...ca, now }, { template, random: shortSerialNumbers })
        return { issuer, template, signer: ca.signer }
      }),
    ),
  )

  test.each([
    ['any identity', identities, 300],
    ['identities as long as those before', similarIdentities, 600],
  ])(
    'gives the bytes that encoding the whole record gives, for %s, any key and date',
    async (_, kind, numRuns) => {
      await fc.assert(
        fc.asyncProperty(
          kind,
          fc.constantFrom(...keys),
          fc.constantFrom(...issuers),
          fc.integer({ min: 0, max: 39 * 365 * dayMs }),
          async (identity, key, { issuer, template, signer }, ms) => {
            const issued = await issuer.issue({ identity, key, now: at(ms) })
            const leaf = parseCertificate(issued.der)
            const encoded = encodeTbsCertificate({
              template,
              serialNumber: leaf.serialNumberBytes,
              signatureAlgorithm: signer.signatureAlgorithm,
              issuer: issuer.certificate.subject.bytes,
              notBefore: issued.notBefore,
              notAfter: issued.notAfter,
              spki: key.spki,
              subjectKeyIdentifier: keyIdentifier(key.publicKey),
              authorityKeyIdentifier: issuer.certificate.subjectKeyIdentifier,
              dnsNames: identity.dnsName === undefined ? [] : [String(identity.dnsName)],
              uris: identity.spiffeId === undefined ? [] : [String(identity.spiffeId)],
            })
            expect(leaf.tbs).toEqual(encoded)
          },
        ),
        { numRuns },
      )
    },
    60_000,
  )

  test.each([1, 100, 127, 128, 200, 255, 256, 257, 1000, 2048])(
    'writes the lengths around a name of about %s bytes',
    async (length) => {
      const prefix = 'spiffe://td/'
      const spiffeId = parseSpiffeId(prefix + 'x'.repeat(Math.max(1, length - prefix.length)))
      for (const { issuer } of issuers) {
        for (const key of keys) {
          const { der } = await issuer.issue({ identity: { spiffeId }, key, now })
          expect(parseCertificate(der).subjectAltNames?.uris).toEqual([String(spiffeId)])
        }
      }
    },
  )
})
