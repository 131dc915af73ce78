import {
  type Certificate,
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  encodeCertificatePem,
  type Issuer,
  type TrustAnchors,
  type WorkloadIdentity,
} from '@meshid/certificate'
import type { PrivateKey } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'

/** Options of {@link createTestCa}. */
export interface TestCaOptions {
  readonly now: Date
  /** Of root and issuer. Default ten years. */
  readonly caLifetimeMs?: number
  /** Of leaves. Default 1 h. */
  readonly lifetimeMs?: number
  /** Common name of the issuer. Default `identity.linkerd.cluster.local`. */
  readonly issuerName?: string
}

/** A CA in its two usual tiers, made by this project's own code with real keys. */
export interface TestCa {
  readonly root: Certificate
  readonly rootPem: string
  readonly rootKey: PrivateKey
  readonly issuer: Issuer
  readonly issuerPem: string
  readonly issuerKey: PrivateKey
  readonly trustAnchors: TrustAnchors
  /** Another issuer below the same root. */
  anotherIssuer(
    commonName: string,
  ): Promise<{ readonly pem: string; readonly key: PrivateKey; readonly issuer: Issuer }>
  /** A leaf for a key that is made for it, or for the given one. */
  issue(
    identity: WorkloadIdentity,
    options?: { readonly privateKey?: PrivateKey; readonly now?: Date },
  ): Promise<TestLeaf>
}

/** A leaf as the identity service would answer it, and its key. */
export interface TestLeaf {
  readonly leaf: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly validUntil: Date
  readonly privateKey: PrivateKey
}

const TEN_YEARS_MS = 3650 * 86_400_000

/** Creates a root `root.linkerd.cluster.local` and an issuer below it. */
export async function createTestCa(options: TestCaOptions): Promise<TestCa> {
  const { now, caLifetimeMs = TEN_YEARS_MS, lifetimeMs = 3_600_000 } = options
  const rootKey = generateNodePrivateKey('P-256')
  const rootSigner = createNodeSigner(rootKey)
  const shared = { now, lifetimeMs: caLifetimeMs, verifier: nodeVerifier }
  const root = await createRootCertificate({ signer: rootSigner, commonName: 'root.linkerd.cluster.local', ...shared })
  const trustAnchors = createTrustAnchors([root])

  const anotherIssuer = async (commonName: string) => {
    const key = generateNodePrivateKey('P-256')
    const signer = createNodeSigner(key)
    const above = { chain: [root], signer: rootSigner }
    const certificate = await createIntermediateCertificate({ issuer: above, key: signer.key, commonName, ...shared })
    const source = { chain: [certificate], signer, trustAnchors, now }
    return {
      pem: encodeCertificatePem(certificate),
      key,
      issuer: await createIssuer(source, { lifetimeMs, verifier: nodeVerifier }),
    }
  }
  const { pem, key, issuer } = await anotherIssuer(options.issuerName ?? 'identity.linkerd.cluster.local')
  return {
    root,
    rootPem: encodeCertificatePem(root),
    rootKey,
    issuer,
    issuerPem: pem,
    issuerKey: key,
    trustAnchors,
    anotherIssuer,
    async issue(identity, { privateKey = generateNodePrivateKey('P-256'), now: at = now } = {}) {
      const issued = await issuer.issue({ identity, key: createNodeSigner(privateKey).key, now: at })
      return { leaf: issued.der, intermediates: issuer.chain, validUntil: issued.notAfter, privateKey }
    },
  }
}
