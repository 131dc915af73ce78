import { decodePem, DerError, type PemBlock } from '@meshid/der'
import type { Certificate } from './certificate.ts'
import { CertificateError } from '../errors.ts'
import { parseCertificate } from './parse-certificate.ts'
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_CERTIFICATES } from '../limits.ts'

/** A block that is no certificate. */
export interface IgnoredBlock {
  /** What the block calls itself, such as `PRIVATE KEY`. */
  readonly label: string
  /** Line of its BEGIN, counted from 1. */
  readonly line: number
}

/** Options of {@link parseCertificates}. */
export interface ParseCertificatesOptions {
  /** Most characters of text; {@link MAX_BUNDLE_BYTES} by default. */
  readonly maxBytes?: number
  /** Most certificates; {@link MAX_BUNDLE_CERTIFICATES} by default. */
  readonly maxCertificates?: number
  /** Told of each block that is not a certificate, so that none is dropped in silence. */
  readonly onIgnored?: (block: IgnoredBlock) => void
}

/**
 * Reads every certificate of a PEM text, in its order; there is at least one.
 *
 * Nothing about them is trusted; see `verifyChain`. Text and blank lines around blocks are fine. Blocks with another label
 * go to `onIgnored`; a broken block, or a certificate that cannot be read, refuses the whole text and names its line.
 *
 * @throws CertificateError CERT_PEM_INVALID, CERT_PEM_EMPTY, CERT_TOO_LARGE, CERT_BUNDLE_TOO_MANY, and the codes of
 *   `parseCertificate` with `detail.line`
 * @see RFC 7468 section 5
 */
export function parseCertificates(pem: string, options: ParseCertificatesOptions = {}): readonly Certificate[] {
  if (typeof pem !== 'string') throw new TypeError('certificates: expected PEM text')
  const maxCertificates = options.maxCertificates ?? MAX_BUNDLE_CERTIFICATES
  const certificates: Certificate[] = []
  const ignored: string[] = []
  for (const block of decodeBlocks(pem, options.maxBytes ?? MAX_BUNDLE_BYTES)) {
    if (block.label !== 'CERTIFICATE') {
      ignored.push(`${block.label} (line ${block.line})`)
      options.onIgnored?.(Object.freeze({ label: block.label, line: block.line }))
      continue
    }
    if (certificates.length >= maxCertificates) throw tooMany(maxCertificates, block.line)
    certificates.push(parseBlock(block))
  }
  if (certificates.length === 0) {
    const found = ignored.length === 0 ? 'none' : ignored.join(', ')
    throw new CertificateError('CERT_PEM_EMPTY', `PEM: expected a CERTIFICATE block, found ${found}`, {
      detail: { expected: 'a CERTIFICATE block', found },
    })
  }
  return Object.freeze(certificates)
}

function decodeBlocks(pem: string, maxBytes: number): readonly PemBlock[] {
  try {
    return decodePem(pem, { maxBytes })
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    const code = cause.code === 'DER_PEM_TOO_LARGE' ? 'CERT_TOO_LARGE' : 'CERT_PEM_INVALID'
    throw new CertificateError(code, `PEM: ${cause.message}`, { detail: { ...cause.detail, der: cause.code }, cause })
  }
}

function parseBlock(block: PemBlock): Certificate {
  try {
    return parseCertificate(block.bytes)
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new CertificateError(cause.code, `${cause.message} (certificate at line ${block.line})`, {
      detail: { ...cause.detail, line: block.line },
      cause,
    })
  }
}

function tooMany(limit: number, line: number): CertificateError {
  return new CertificateError('CERT_BUNDLE_TOO_MANY', `PEM: expected at most ${limit} certificates, found more`, {
    detail: { limit, line },
  })
}
