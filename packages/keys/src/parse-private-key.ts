import { DerError, decodePem, type PemBlock } from '@meshid/der'
import { KeysError, refusal } from './errors.ts'
import type { PrivateKey } from './private-key.ts'
import { privateKeyFormOf, readEcParameters, readEcPrivateKey, readPkcs8 } from './read-private-key.ts'
import { readRsaPrivateKey } from './rsa-private-key.ts'

/** Longest private key that is read, in bytes or characters: RSA with 8192 bits takes about 6,400 characters of PEM. */
export const MAX_PRIVATE_KEY_BYTES = 16_384

const SEQUENCE = 0x30
const EXPECTED = 'PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY'

/**
 * Reads one private key: PKCS#8, SEC1 (also after an `EC PARAMETERS` block) or PKCS#1, as PEM or DER.
 *
 * Where a public part comes with it, it must be that of the private part. RSA keys can be used by `@meshid/keys/node`
 * only. Bytes may hold PEM too. At most `MAX_PRIVATE_KEY_BYTES`.
 *
 * @throws KeysError `KEYS_PRIVATE_KEY_INVALID`, `KEYS_ENCRYPTED`, `KEYS_UNSUPPORTED_ALGORITHM`, `KEYS_KEY_MISMATCH`;
 *   it never holds bytes of the key,
 *   nor has it a cause that might
 * @see RFC 5208 section 5, RFC 5958 section 2, RFC 5915 section 3, RFC 8017 appendix A.1.2, RFC 8410 section 7
 */
export function parsePrivateKey(pemOrDer: string | Uint8Array): PrivateKey {
  if (pemOrDer.length > MAX_PRIVATE_KEY_BYTES) {
    const detail = { found: `${pemOrDer.length} bytes`, limit: MAX_PRIVATE_KEY_BYTES }
    throw new KeysError('KEYS_PRIVATE_KEY_INVALID', `private key: limit ${detail.limit} bytes, found ${detail.found}`, {
      detail,
    })
  }
  const text = typeof pemOrDer === 'string' ? pemOrDer : pemOrDer[0] === SEQUENCE ? undefined : decodeText(pemOrDer)
  try {
    if (text !== undefined) return parsePem(text)
    const der = pemOrDer as Uint8Array
    return readBlock({ label: privateKeyFormOf(der), bytes: der, line: 0 })
  } catch (error) {
    throw asKeysError(error, text)
  }
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function parsePem(text: string): PrivateKey {
  const blocks = decodePem(text, { maxBytes: MAX_PRIVATE_KEY_BYTES })
  const [first, second, ...others] = blocks
  if (first === undefined) throw invalid(EXPECTED, 'no PEM block')
  if (second === undefined) return readBlock(first)
  if (first.label !== 'EC PARAMETERS' || second.label !== 'EC PRIVATE KEY' || others.length > 0) {
    throw invalid(
      'one private key',
      `${blocks.length} PEM blocks: ${blocks.map(({ label }) => shorten(label)).join(', ')}`,
    )
  }
  return readEcPrivateKey(second.bytes, readEcParameters(first.bytes))
}

function readBlock({ label, bytes }: PemBlock): PrivateKey {
  switch (label) {
    case 'PRIVATE KEY':
      return readPkcs8(bytes)
    case 'EC PRIVATE KEY':
      return readEcPrivateKey(bytes, undefined)
    case 'RSA PRIVATE KEY':
      return readRsaPrivateKey(bytes)
    case 'ENCRYPTED PRIVATE KEY':
      throw encrypted()
    default:
      throw invalid(EXPECTED, shorten(label))
  }
}

function shorten(label: string): string {
  return label.slice(0, 32)
}

/**
 * Names what strict DER or PEM was violated, and where; the error of `der` is left behind, because it may tell a
 * byte.
 */
function asKeysError(error: unknown, text: string | undefined): unknown {
  if (!(error instanceof DerError)) return error
  if (error.code === 'DER_PEM_HEADERS' && text?.includes('ENCRYPTED') === true) return encrypted()
  const { line, offset } = error.detail
  const where = line !== undefined ? ` in line ${line}` : offset !== undefined ? ` at offset ${offset}` : ''
  return invalid('strict PKCS#8, SEC1 or PKCS#1', `${error.code}${where}`)
}

function encrypted(): KeysError {
  return refusal('KEYS_ENCRYPTED', 'private key', 'one without a passphrase', 'an encrypted one')
}

function invalid(expected: string, found: string): KeysError {
  return refusal('KEYS_PRIVATE_KEY_INVALID', 'private key', expected, found)
}
