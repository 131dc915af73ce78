import { KeysError, type KeysErrorCode } from '@meshid/keys'
import { CsrError, type CsrErrorCode } from './errors.ts'

/** What a refusal by `keys` means for a request. */
const codes: Partial<Record<KeysErrorCode, CsrErrorCode>> = {
  KEYS_SIGNATURE_INVALID: 'CSR_SIGNATURE_INVALID',
  KEYS_SIGNATURE_MALFORMED: 'CSR_SIGNATURE_INVALID',
  KEYS_UNSUPPORTED_ALGORITHM: 'CSR_UNSUPPORTED_KEY',
  KEYS_ALGORITHM_MISMATCH: 'CSR_SIGNATURE_ALGORITHM_MISMATCH',
  KEYS_PUBLIC_KEY_INVALID: 'CSR_PUBLIC_KEY_INVALID',
  KEYS_POINT_COMPRESSED: 'CSR_PUBLIC_KEY_INVALID',
  KEYS_POINT_INVALID: 'CSR_PUBLIC_KEY_INVALID',
}

/** The CsrError for a KeysError; what is not about the request, such as a verifier that breaks, stays what it is. */
export function csrErrorOf(error: unknown): unknown {
  const code = error instanceof KeysError ? codes[error.code] : undefined
  if (code === undefined || !(error instanceof KeysError)) return error
  return new CsrError(code, error.detail, { cause: error })
}
