import { createNobleSigner, generatePrivateKey, keyIdentifier, type LocalSigner, nobleVerifier } from '@meshid/keys'
import type { ProvenKey, Verifier } from '@meshid/keys'
import { encodeBitString, encodeSequence } from '@meshid/der'
import { encodeSignatureAlgorithm } from '@meshid/keys'
import { linkerdName, parseSpiffeId, parseTrustDomain, serviceAccount } from '@meshid/spiffe-id'
import {
  type Certificate,
  type CertificateTemplate,
  createIntermediateCertificate,
  createRootCertificate,
  parseCertificate,
  type TrustAnchors,
  createTrustAnchors,
} from '@meshid/certificate'
import { encodeName, encodeTbsCertificate } from '../src/codec.ts'

export const now = new Date('2026-11-21T12:00:00Z')
export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs: number = 24 * hourMs

export type TestAlgorithm = 'P-256' | 'P-384' | 'Ed25519'

export const webId = parseSpiffeId('spiffe://cluster.local/ns/shop/sa/web')
export const webName = linkerdName({
  serviceAccount: serviceAccount('shop', 'web'),
  controlNamespace: 'linkerd',
  trustDomain: parseTrustDomain('cluster.local'),
})

/** An instant some milliseconds from `now`. */
export const at = (ms: number): Date => new Date(now.getTime() + ms)

export const newSigner = (algorithm: TestAlgorithm = 'P-256'): LocalSigner =>
  createNobleSigner(generatePrivateKey(algorithm))

export const newKey = (algorithm: TestAlgorithm = 'P-256'): ProvenKey => newSigner(algorithm).key

export interface TestCa {
  readonly root: Certificate
  readonly rootSigner: LocalSigner
  readonly intermediate: Certificate
  readonly signer: LocalSigner
  readonly chain: readonly Certificate[]
  readonly trustAnchors: TrustAnchors
}

export interface TestCaOptions {
  readonly algorithm?: TestAlgorithm
  readonly rootLifetimeMs?: number
  readonly lifetimeMs?: number
  readonly now?: Date
}

/** A root and an intermediate; the root lives ten years and the intermediate one, unless told otherwise. */
export async function createCa(options: TestCaOptions = {}): Promise<TestCa> {
  const { algorithm = 'P-256', rootLifetimeMs = 3650 * dayMs, lifetimeMs = 365 * dayMs } = options
  const rootSigner = newSigner(algorithm)
  const signer = newSigner(algorithm)
  const born = options.now ?? now
  const trustDomain = parseTrustDomain('cluster.local')
  const root = await createRootCertificate({
    signer: rootSigner,
    commonName: 'root.linkerd.cluster.local',
    trustDomain,
    now: born,
    lifetimeMs: rootLifetimeMs,
  })
  const intermediate = await createIntermediateCertificate({
    issuer: { chain: [root], signer: rootSigner },
    key: signer.key,
    commonName: 'identity.linkerd.cluster.local',
    trustDomain,
    now: born,
    lifetimeMs,
  })
  return { root, rootSigner, intermediate, signer, chain: [intermediate], trustAnchors: createTrustAnchors([root]) }
}

export interface OddCertificate {
  readonly template: CertificateTemplate
  readonly key: ProvenKey
  /** Signs itself if left out. */
  readonly issuer?: Certificate
  readonly signer: LocalSigner
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** Signs whatever a template says, without any of the checks of the package: for what a careless CA would make. */
export function signOddCertificate(odd: OddCertificate): Certificate {
  const { template, key, issuer, signer } = odd
  const tbs = encodeTbsCertificate({
    template,
    serialNumber: Uint8Array.of(7),
    signatureAlgorithm: signer.signatureAlgorithm,
    issuer: issuer?.subject.bytes ?? encodeName(template.commonName),
    notBefore: odd.notBefore ?? at(-hourMs),
    notAfter: odd.notAfter ?? at(365 * dayMs),
    spki: key.spki,
    subjectKeyIdentifier: keyIdentifier(key.publicKey),
    authorityKeyIdentifier: issuer?.subjectKeyIdentifier,
    dnsNames: [],
    uris: [],
  })
  const algorithm = encodeSignatureAlgorithm(signer.signatureAlgorithm)
  return parseCertificate(encodeSequence(tbs, algorithm, encodeBitString(signer.sign(tbs))))
}

/** A verifier that counts, to see when a leaf is checked. */
export function countingVerifier(): Verifier & { readonly count: () => number } {
  let count = 0
  return {
    count: () => count,
    verify: (...proof) => {
      count++
      return nobleVerifier.verify(...proof)
    },
  }
}
