import { type Certificate, CertificateError, createTrustAnchors, parseCertificate } from '@meshid/certificate'
import type { TrustAnchors } from '@meshid/certificate'
import { decodePem, DerError, type PemBlock } from '@meshid/der'
import { WorkloadError } from './errors.ts'

/** A block of a bundle that is not used, and why. */
export interface SkippedTrustAnchor {
  /** Line of its BEGIN, counted from 1. */
  readonly line: number
  /** Code of a `CertificateError`, or the label of a block that is no certificate. */
  readonly code: string
  readonly reason: string
}

/** What a bundle holds. */
export interface ParsedTrustAnchors {
  readonly trustAnchors: TrustAnchors
  readonly skipped: readonly SkippedTrustAnchor[]
}

/** Longest bundle, in characters: 1 MiB, the most that a ConfigMap or Secret can hold. */
export const MAX_TRUST_ANCHORS_LENGTH = 0x100000

/**
 * Reads the trust anchors of a proxy from PEM. Certificates that cannot be read or are no CA are skipped and told of, as
 * linkerd2-proxy does: one that is too new or too odd for this program must not take the others away. Text whose PEM is
 * broken is refused whole, and so is one without any anchor.
 *
 * Whoever calls this declares them to be trusted; see `createTrustAnchors`.
 * @throws WorkloadError WORKLOAD_TRUST_ANCHORS_INVALID
 * @see linkerd2-proxy `linkerd/meshtls/src/creds.rs`
 */
export function parseTrustAnchors(pem: string): ParsedTrustAnchors {
  const certificates: Certificate[] = []
  const skipped: SkippedTrustAnchor[] = []
  for (const block of decodeBlocks(pem)) {
    const found = readAnchor(block)
    if ('reason' in found) skipped.push(found)
    else certificates.push(found)
  }
  if (certificates.length === 0) {
    const found = skipped.length === 0 ? 'no certificate' : `none among ${skipped.length}: ${skipped[0]?.reason}`
    throw refuse(`expected at least one CA certificate, found ${found}`, { expected: 'a CA certificate', found })
  }
  return Object.freeze({ trustAnchors: createTrustAnchors(certificates), skipped: Object.freeze(skipped) })
}

function decodeBlocks(pem: string): readonly PemBlock[] {
  try {
    return decodePem(pem, { maxBytes: MAX_TRUST_ANCHORS_LENGTH })
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw refuse(cause.message, { found: cause.code }, cause)
  }
}

function readAnchor({ bytes, label, line }: PemBlock): Certificate | SkippedTrustAnchor {
  if (label !== 'CERTIFICATE') return { line, code: label, reason: `expected a certificate, found ${label}` }
  try {
    const certificate = parseCertificate(bytes)
    createTrustAnchors([certificate])
    return certificate
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return { line, code: error.code, reason: error.message }
  }
}

function refuse(why: string, detail: { expected?: string; found: string }, cause?: unknown): WorkloadError {
  const options = cause === undefined ? { detail } : { detail, cause }
  return new WorkloadError('WORKLOAD_TRUST_ANCHORS_INVALID', `trust anchors: ${why}`, options)
}
