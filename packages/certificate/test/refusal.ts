import { CertificateError } from '@meshid/certificate'

/** The CertificateError that the operation throws; any other error is thrown on, and none is an error of the test. */
export function refusalOf(operation: () => unknown): CertificateError {
  try {
    operation()
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
  throw new Error('expected a CertificateError, found that nothing was thrown')
}

/** Its code. */
export function codeOf(operation: () => unknown): string {
  return refusalOf(operation).code
}
