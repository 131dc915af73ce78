import { type Certificate, encodeCertificatePem, inspectCertificate } from '@meshid/certificate'
import type { LocalSigner } from '@meshid/keys'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import type { CliIo } from './io.ts'
import { writeOutputs } from './output-files.ts'

/** Where a CA goes. */
export interface CaFiles {
  readonly certificate: string
  readonly key: string
  /** Files that are read for it and must not be written over. */
  readonly inputs: readonly string[]
  /** Replaces what lies there. */
  readonly force: boolean
}

/** What a CA certificate is made of: the signer of its own new key, and the instant. */
export interface CaMaking {
  readonly signer: LocalSigner
  readonly now: Date
}

/** Makes a P-256 key, has its certificate created, writes both files (the key with mode 0600) and shows the certificate. */
export async function createCaFiles(
  { certificate: certificatePath, key: keyPath, inputs, force }: CaFiles,
  create: (making: CaMaking) => Promise<Certificate>,
  io: CliIo,
): Promise<Certificate> {
  const now = io.now()
  const certificate = await writeOutputs({ paths: [keyPath, certificatePath], inputs, force }, async () => {
    const privateKey = generateNodePrivateKey('P-256')
    const result = await create({ signer: createNodeSigner(privateKey), now })
    const files = [
      { path: keyPath, content: privateKey.toPkcs8Pem(), mode: 0o600 },
      { path: certificatePath, content: encodeCertificatePem(result), mode: 0o644 },
    ]
    return { files, result }
  })
  io.out(inspectCertificate(certificate, { now }))
  return certificate
}
