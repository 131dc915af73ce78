import { decodePem } from '@meshid/der'
import { keyIdentifier, MAX_PRIVATE_KEY_BYTES, parsePrivateKey, parsePublicKey, type PublicKey } from '@meshid/keys'
import type { Command } from 'commander'
import type { CliIo } from '../io.ts'
import { formatHex, printFacts, printJson } from '../print.ts'
import { pemTextOf, readInput } from '../read-input.ts'
import { inFile } from '../refused-file.ts'

/** Adds `meshid key inspect`. */
export function addKeyInspect(key: Command, io: CliIo): void {
  key
    .command('inspect')
    .description('show what kind of key a file holds and the identifiers of its public part; never the secret')
    .argument('<file>', 'a private key (PKCS#8, SEC1, PKCS#1; PEM or DER) or a PUBLIC KEY block; - is standard input')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ meshid key inspect issuer.key
  $ meshid key inspect --json /var/run/linkerd/identity/end-entity/key.p8

The key id is the one that \`meshid certificate inspect\` shows for the certificate of this key.`,
    )
    .action((file: string, options: { readonly json?: true }) => runKeyInspect(file, options, io))
}

async function runKeyInspect(file: string, options: { readonly json?: true }, io: CliIo): Promise<void> {
  const bytes = await readInput(file, io, { maxBytes: MAX_PRIVATE_KEY_BYTES })
  const { kind, publicKey } = inFile(file, () => readKey(bytes))
  const { algorithm } = publicKey
  const keyId = formatHex(keyIdentifier(publicKey))
  const sha1KeyId = formatHex(keyIdentifier(publicKey, 'sha1'))
  if (options.json === true) {
    printJson({ kind, algorithm, keyId, sha1KeyId }, io)
    return
  }
  printFacts(
    [
      ['Kind', `${kind} key`],
      ['Algorithm', algorithm],
      ['Key id', keyId],
      ['SHA-1 key id', sha1KeyId],
    ],
    io,
  )
}

interface ReadKey {
  readonly kind: 'private' | 'public'
  readonly publicKey: PublicKey
}

/** Keeps the public part only. */
function readKey(bytes: Uint8Array): ReadKey {
  const spki = publicBlockOf(pemTextOf(bytes))
  if (spki !== undefined) return { kind: 'public', publicKey: parsePublicKey(spki) }
  return { kind: 'private', publicKey: parsePrivateKey(bytes).publicKey }
}

/** The bytes of a PEM text that is one PUBLIC KEY block; anything else is left to the reader of private keys. */
function publicBlockOf(text: string | undefined): Uint8Array | undefined {
  if (text?.includes('-----BEGIN PUBLIC KEY-----') !== true) return undefined
  const [block, ...others] = decodePem(text)
  return block?.label === 'PUBLIC KEY' && others.length === 0 ? block.bytes : undefined
}
