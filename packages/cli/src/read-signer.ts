import { MAX_PRIVATE_KEY_BYTES, parsePrivateKey, type PrivateKey, type Signer } from '@meshid/keys'
import { createNodeSigner } from '@meshid/keys/node'
import type { CliIo } from './io.ts'
import { readInput } from './read-input.ts'
import { inFile } from './refused-file.ts'

/**
 * Reads the one private key of a file: PKCS#8, SEC1 or PKCS#1, PEM or DER.
 *
 * @throws CliError CLI_FILE_MISSING, CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE
 * @throws RefusedFile with the codes of `parsePrivateKey`
 */
export async function readPrivateKey(path: string, io: CliIo): Promise<PrivateKey> {
  const bytes = await readInput(path, io, { maxBytes: MAX_PRIVATE_KEY_BYTES })
  return inFile(path, () => parsePrivateKey(bytes))
}

/** Reads the one private key of a file, ready to sign. */
export async function readSigner(path: string, io: CliIo): Promise<Signer> {
  return createNodeSigner(await readPrivateKey(path, io))
}
