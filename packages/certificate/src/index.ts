export { CertificateError, certificateErrorCodes } from './errors.ts'
export type { CertificateErrorCode, CertificateErrorDetail, CertificateErrorOptions } from './errors.ts'
