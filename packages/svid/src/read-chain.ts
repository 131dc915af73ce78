import {
  type Certificate,
  CertificateError,
  MAX_CHAIN_BYTES,
  MAX_CHAIN_CERTIFICATES,
  parseCertificate,
} from '@meshid/certificate'
import { SvidError } from './errors.ts'

/** Certificates as they were parsed, or the DER of each as TLS hands it over. */
export type SvidChain = readonly (Certificate | Uint8Array)[]

/**
 * Reads what a peer showed, leaf first: at most {@link MAX_CHAIN_CERTIFICATES} certificates with {@link MAX_CHAIN_BYTES}
 * bytes together, each with nothing after its end.
 *
 * @throws SvidError SVID_CHAIN_EMPTY, SVID_CHAIN_TOO_LONG, SVID_CERTIFICATE_INVALID
 * @see SPIFFE rules X509-30 and X509-35
 */
export function readChain(chain: SvidChain): readonly [leaf: Certificate, ...rest: Certificate[]] {
  const bytes = chain.reduce((sum, link) => sum + (link instanceof Uint8Array ? link : link.der).length, 0)
  if (chain.length > MAX_CHAIN_CERTIFICATES || bytes > MAX_CHAIN_BYTES) {
    const expected = `at most ${MAX_CHAIN_CERTIFICATES} certificates of ${MAX_CHAIN_BYTES} bytes together`
    const found = `${chain.length} of ${bytes}`
    throw new SvidError('SVID_CHAIN_TOO_LONG', `chain: expected ${expected}, found ${found}`, {
      detail: { expected, found, limit: MAX_CHAIN_CERTIFICATES, limitBytes: MAX_CHAIN_BYTES },
    })
  }
  const [leaf, ...rest] = chain.map(readLink)
  if (leaf === undefined) throw new SvidError('SVID_CHAIN_EMPTY', 'chain: expected at least a leaf, found nothing')
  return [leaf, ...rest]
}

function readLink(link: Certificate | Uint8Array, index: number): Certificate {
  if (!(link instanceof Uint8Array)) return link
  try {
    return parseCertificate(link)
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new SvidError('SVID_CERTIFICATE_INVALID', `chain, certificate ${index}: ${cause.message}`, {
      detail: { ...cause.detail, index, certificate: cause.code },
      cause,
    })
  }
}
