import { decodePem, DerError } from '@meshid/der'
import { CsrError } from './errors.ts'
import { MAX_CSR_BYTES, parseCsr, type ParseCsrOptions } from './parse.ts'
import type { ParsedCsr } from './parsed-csr.ts'

/** Labels of a request; the second is what old tools wrote (RFC 7468 section 7). */
const labels: readonly string[] = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']

/** The first byte of every DER request. */
const SEQUENCE = 0x30

/**
 * Reads a request that may be PEM or DER, as people and old documents have it (Q51); on the wire use `parseCsr`.
 *
 * The signature is not checked here; see `verifyCsr`. PEM must be one CERTIFICATE REQUEST block, with any text around it.
 *
 * @throws CsrError CSR_PEM_INVALID, and every code of `parseCsr`
 * @see RFC 7468 section 7
 */
export function readCsr(pemOrDer: string | Uint8Array, options?: ParseCsrOptions): ParsedCsr {
  if (typeof pemOrDer !== 'string' && pemOrDer[0] === SEQUENCE) return parseCsr(pemOrDer, options)
  // Base64 takes four characters for three bytes; as much again is left for line breaks and the text around.
  const limit = (options?.maxBytes ?? MAX_CSR_BYTES) * 3
  if (pemOrDer.length > limit) throw new CsrError('CSR_TOO_LARGE', { found: `${pemOrDer.length} characters`, limit })
  const text = typeof pemOrDer === 'string' ? pemOrDer : new TextDecoder().decode(pemOrDer)
  return parseCsr(onlyBlock(text), options)
}

function onlyBlock(text: string): Uint8Array {
  const expected = 'one CERTIFICATE REQUEST block'
  try {
    const blocks = decodePem(text)
    const [block] = blocks
    if (block !== undefined && blocks.length === 1 && labels.includes(block.label)) return block.bytes
    const found = blocks.map(({ label }) => label).join(', ') || 'none'
    throw new CsrError('CSR_PEM_INVALID', { expected, found })
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw new CsrError('CSR_PEM_INVALID', { expected, found: error.message }, { cause: error })
  }
}
