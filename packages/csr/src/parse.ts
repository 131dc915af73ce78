import { CsrError } from './errors.ts'
import { readLayout } from './layout.ts'
import { createParsedCsr, type ParsedCsr } from './parsed-csr.ts'

/** Longest request that is read unless told otherwise: 16 KiB; a request for one identity has 200 to 500 bytes. */
export const MAX_CSR_BYTES = 0x4000

/** Options of {@link parseCsr}. */
export interface ParseCsrOptions {
  /** Most bytes; {@link MAX_CSR_BYTES} by default. */
  readonly maxBytes?: number
}

/**
 * Reads a PKCS#10 request in strict DER, whole: nothing may follow it.
 *
 * The signature is not checked here; see `verifyCsr`. The bytes are read in place and not copied: do not change them while the
 * parsed request is in use. `verifyCsr` takes a copy.
 *
 * @throws CsrError CSR_TOO_LARGE, CSR_MALFORMED, CSR_VERSION_UNSUPPORTED, CSR_SUBJECT_INVALID, CSR_NAME_INVALID,
 *   CSR_UNSUPPORTED_KEY (RSA, P-224, P-521, …), CSR_PUBLIC_KEY_INVALID, CSR_UNSUPPORTED_SIGNATURE_ALGORITHM,
 *   CSR_SIGNATURE_ALGORITHM_MISMATCH, CSR_DUPLICATE_EXTENSION_REQUEST, CSR_DUPLICATE_EXTENSION, CSR_TOO_MANY_EXTENSIONS
 * @see RFC 2986 section 4
 */
export function parseCsr(der: Uint8Array, options?: ParseCsrOptions): ParsedCsr {
  checkLength(der, options)
  return createParsedCsr(readLayout(der))
}

/** Checks what is checked before a byte is read. @throws CsrError CSR_TOO_LARGE */
export function checkLength(der: Uint8Array, options: ParseCsrOptions | undefined): void {
  const limit = options?.maxBytes ?? MAX_CSR_BYTES
  if (der.length > limit) throw new CsrError('CSR_TOO_LARGE', { found: `${der.length} bytes`, limit })
}
