import { createPrivateKey, type KeyObject } from 'node:crypto'
import {
  type Certificate,
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  type Issuer,
  type TrustAnchors,
} from '@meshid/certificate'
import type { LocalSigner } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'

/** What the programs measure with. */
export interface BenchCa {
  readonly issuer: Issuer
  readonly certificate: Certificate
  readonly root: Certificate
  readonly trustAnchors: TrustAnchors
  readonly signer: LocalSigner
  /** The signer's key, ready for node:crypto. */
  readonly signerKey: KeyObject
}

/** A P-256 issuer below a root, signing and verifying with node:crypto. */
export async function createBenchCa(): Promise<BenchCa> {
  const now = new Date()
  const rootSigner = createNodeSigner(generateNodePrivateKey('P-256'))
  const privateKey = generateNodePrivateKey('P-256')
  const signer = createNodeSigner(privateKey)
  const root = await createRootCertificate({ signer: rootSigner, commonName: 'root', now, verifier: nodeVerifier })
  const certificate = await createIntermediateCertificate({
    issuer: { chain: [root], signer: rootSigner },
    key: signer.key,
    commonName: 'identity.linkerd.cluster.local',
    now,
    verifier: nodeVerifier,
  })
  const trustAnchors = createTrustAnchors([root])
  const issuer = await createIssuer({ chain: [certificate], signer, trustAnchors, now }, { verifier: nodeVerifier })
  const signerKey = createPrivateKey(privateKey.toPkcs8Pem())
  return { issuer, certificate, root, trustAnchors, signer, signerKey }
}
