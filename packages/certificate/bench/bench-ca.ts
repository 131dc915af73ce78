import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { LocalSigner } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  type Certificate,
  type Issuer,
  type TrustAnchors,
} from '@meshid/certificate'

/** What the programs measure with. */
export interface BenchCa {
  readonly issuer: Issuer
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
  return { issuer, root, trustAnchors, signer, signerKey: createPrivateKey(privateKey.toPkcs8Pem()) }
}
