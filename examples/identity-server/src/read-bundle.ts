import { type Certificate, parseCertificates } from '@meshid/certificate'
import type { MountSnapshot } from '@meshid/mounts'

/** The certificates of a PEM file, and what else was in it. */
export interface Bundle {
  readonly certificates: readonly Certificate[]
  /** A sentence for each block that is no certificate: nothing is dropped in silence (Q21). */
  readonly ignored: readonly string[]
}

/**
 * Reads a file of certificates; nothing about them is trusted yet.
 *
 * @throws CertificateError, MountsError
 */
export function readBundle(snapshot: MountSnapshot, file: string): Bundle {
  const ignored: string[] = []
  const certificates = parseCertificates(snapshot.text(file), {
    onIgnored: ({ label, line }) => ignored.push(`Ignored a ${label} block at line ${line} of ${file}`),
  })
  return { certificates, ignored }
}
