import {
  type Certificate,
  type IgnoredBlock,
  MAX_BUNDLE_BYTES,
  parseCertificate,
  parseCertificates,
} from '@meshid/certificate'
import type { CliIo } from './io.ts'
import { note } from './print.ts'
import { pemTextOf, readInput } from './read-input.ts'
import { inFile, nameOfPath } from './refused-file.ts'

/** What a file of certificates holds. */
export interface CertificateFile {
  /** At least one, in the order of the file. */
  readonly certificates: readonly Certificate[]
  /** PEM blocks that are no certificates; they were told on standard error. */
  readonly ignored: readonly IgnoredBlock[]
}

/**
 * Reads every certificate of a PEM file, or the one of a DER file. Nothing about them is trusted.
 *
 * @throws CliError CLI_FILE_MISSING, CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE
 * @throws RefusedFile with the codes of `parseCertificate` and `parseCertificates`
 */
export async function readCertificates(path: string, io: CliIo): Promise<CertificateFile> {
  const bytes = await readInput(path, io, { maxBytes: MAX_BUNDLE_BYTES })
  const text = pemTextOf(bytes)
  if (text === undefined) return { certificates: [inFile(path, () => parseCertificate(bytes))], ignored: [] }
  return readCertificateText(text, path, io)
}

/** Reads every certificate of a PEM text; `source` says in notes where it came from. */
export function readCertificateText(text: string, source: string, io: CliIo): CertificateFile {
  const ignored: IgnoredBlock[] = []
  const onIgnored = (block: IgnoredBlock): void => {
    ignored.push(block)
    note(`${nameOfPath(source)}: ignored the ${block.label} block at line ${block.line}, which is no certificate`, io)
  }
  const certificates = inFile(source, () => parseCertificates(text, { onIgnored }))
  return { certificates, ignored }
}
