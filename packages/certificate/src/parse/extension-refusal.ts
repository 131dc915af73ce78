import { CertificateError } from '../errors.ts'

/** An extension that breaks its rules. */
export function invalidExtension(extension: string, expected: string, found: string): CertificateError {
  return new CertificateError('CERT_EXTENSION_INVALID', `${extension}: expected ${expected}, found ${found}`, {
    detail: { extension, expected, found },
  })
}

/** More of something than any honest certificate has. */
export function tooMany(what: string, limit: number): CertificateError {
  return new CertificateError('CERT_EXTENSIONS_TOO_MANY', `${what}: expected at most ${limit}, found more`, {
    detail: { found: what, limit },
  })
}
