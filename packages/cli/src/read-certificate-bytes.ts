import { MAX_BUNDLE_BYTES } from '@meshid/certificate'
import { decodePem } from '@meshid/der'
import type { CliIo } from './io.ts'
import { note } from './print.ts'
import { pemTextOf, readInput } from './read-input.ts'
import { inFile, nameOfPath } from './refused-file.ts'

/**
 * Reads the bytes of every certificate of a PEM file, or those of a DER file, without a look at what they say: for those who
 * explain what is wrong with them.
 *
 * @throws CliError CLI_FILE_MISSING, CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE
 * @throws RefusedFile with the codes of `decodePem`
 */
export async function readCertificateBytes(path: string, io: CliIo): Promise<readonly Uint8Array[]> {
  const bytes = await readInput(path, io, { maxBytes: MAX_BUNDLE_BYTES })
  const text = pemTextOf(bytes)
  if (text === undefined) return [bytes]
  const blocks = inFile(path, () => decodePem(text, { maxBytes: MAX_BUNDLE_BYTES }))
  for (const { label, line } of blocks) {
    if (label === 'CERTIFICATE') continue
    note(`${nameOfPath(path)}: ignored the ${label} block at line ${line}, which is no certificate`, io)
  }
  return blocks.filter(({ label }) => label === 'CERTIFICATE').map((block) => block.bytes)
}
