import { type Certificate, encodeCertificatePem } from '@meshid/certificate'
import type { LocalSigner } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { writeOutputs } from './output-files.ts'

/** Where a certificate and its key go. */
export interface PairFiles {
  readonly certificate: string
  readonly key: string
  /** Files that are read for it and must not be written over. */
  readonly inputs: readonly string[]
  /** Replaces what lies there. */
  readonly force: boolean
}

/** The certificate, then those that are sent with it. */
export type CertificateChain = readonly [Certificate, ...Certificate[]]

/** Makes a P-256 key, has it certified, and writes both files: the chain as PEM, and the key as PKCS#8 PEM with mode 0600. */
export async function createPair(
  { certificate: certificatePath, key: keyPath, inputs, force }: PairFiles,
  certify: (signer: LocalSigner) => Promise<CertificateChain>,
): Promise<CertificateChain> {
  return writeOutputs({ paths: [keyPath, certificatePath], inputs, force }, async () => {
    const privateKey = generateNodePrivateKey('P-256')
    const result = await certify(createNodeSigner(privateKey))
    const files = [
      { path: keyPath, content: privateKey.toPkcs8Pem(), mode: 0o600 },
      { path: certificatePath, content: result.map(encodeCertificatePem).join(''), mode: 0o644 },
    ]
    return { files, result }
  })
}
