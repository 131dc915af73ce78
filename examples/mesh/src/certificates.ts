import {
  type Certificate,
  createIntermediateCertificate,
  createRootCertificate,
  encodeCertificatePem,
} from '@meshid/certificate'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'

/** A certificate and its key as the operator keeps them: PEM, the key unencrypted. */
export interface KeyPair {
  readonly certificate: Certificate
  readonly certificatePem: string
  readonly keyPem: string
}

/** The CA pairs of chapter 3; the root's key never leaves this process. */
export interface Authority {
  readonly root: Certificate
  readonly rootPem: string
  newIssuer(commonName: string): Promise<KeyPair>
}

const HOUR_MS = 3_600_000

/** Creates the trust anchor `root.linkerd.cluster.local`, which signs issuers and nothing else. */
export async function createAuthority(now: Date): Promise<Authority> {
  const signer = createNodeSigner(generateNodePrivateKey('P-256'))
  const commonName = 'root.linkerd.cluster.local'
  const root = await createRootCertificate({
    signer,
    commonName,
    now,
    lifetimeMs: 87_600 * HOUR_MS,
    verifier: nodeVerifier,
  })
  return {
    root,
    rootPem: encodeCertificatePem(root),
    async newIssuer(name) {
      const privateKey = generateNodePrivateKey('P-256')
      const certificate = await createIntermediateCertificate({
        issuer: { chain: [root], signer },
        key: createNodeSigner(privateKey).key,
        commonName: name,
        now: new Date(),
        lifetimeMs: 8760 * HOUR_MS,
        verifier: nodeVerifier,
      })
      return { certificate, certificatePem: encodeCertificatePem(certificate), keyPem: privateKey.toPkcs8Pem() }
    },
  }
}
