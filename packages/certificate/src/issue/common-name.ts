import { CertificateError } from '../errors.ts'
import { MAX_COMMON_NAME_LENGTH } from '../limits.ts'

/**
 * Returns the text if it may stand in a subject: 1 to {@link MAX_COMMON_NAME_LENGTH} characters, none of them a control character.
 *
 * @throws CertificateError `CERT_COMMON_NAME_INVALID`
 */
export function checkCommonName(text: string): string {
  const { length } = Array.from(text)
  if (length < 1 || length > MAX_COMMON_NAME_LENGTH) {
    throw invalid(`1 to ${MAX_COMMON_NAME_LENGTH} characters`, `${length}`)
  }
  if (/[\p{Cc}\p{Surrogate}]/u.test(text)) throw invalid('no control characters', 'one')
  return text
}

function invalid(expected: string, found: string): CertificateError {
  return new CertificateError('CERT_COMMON_NAME_INVALID', `common name: expected ${expected}, found ${found}`, {
    detail: { expected, found, limit: MAX_COMMON_NAME_LENGTH },
  })
}
