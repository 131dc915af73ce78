import type { Certificate } from '@meshid/certificate'
import { isSameKey, type Signer } from '@meshid/keys'
import type { CliIo } from './io.ts'
import { readCertificates } from './read-certificates.ts'
import { readSigner } from './read-signer.ts'

/** A CA that signs, as two files hold it. */
export interface Ca {
  /** Its certificate, then what leads up; the last one is taken as trusted. */
  readonly chain: readonly Certificate[]
  readonly signer: Signer
}

/** Where a CA lies. */
export interface CaPaths {
  readonly certificate: string
  readonly key: string
}

/**
 * Reads a CA. The certificate's file may be a chain or a bundle of several roots. Whether both belong together is left to whoever
 * signs with it.
 *
 * @throws CliError, RefusedFile as `readCertificates` and `readSigner` do
 */
export async function readCa(paths: CaPaths, io: CliIo): Promise<Ca> {
  const { certificates } = await readCertificates(paths.certificate, io)
  const signer = await readSigner(paths.key, io)
  return { chain: chainOf(signer, certificates), signer }
}

/** The certificate that the key belongs to counts, and unless it is a root, what follows it. */
function chainOf(signer: Signer, certificates: readonly Certificate[]): readonly Certificate[] {
  const at = certificates.findIndex(({ publicKey }) => isSameKey(publicKey, signer.key.publicKey))
  const found = certificates[at]
  if (found === undefined) return certificates
  return found.subject.equals(found.issuer) ? [found] : certificates.slice(at)
}
