import { isSameKey } from '@meshid/keys'
import { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { PathLink, PathSearch } from './path-check.ts'
import { searchLimit, type SignatureVerdict } from './search-work.ts'
import type { TrustAnchor } from './trusted-key.ts'
import { verifyCertificateSignature } from './verify-certificate-signature.ts'

/**
 * Checks that the subject of a link signed the certificate below it. Each key is tried on each certificate once in a search,
 * and not at all when the caller's memory knows the signature.
 *
 * @throws CertificateError those of `verifyCertificateSignature`, CERT_SEARCH_LIMIT
 */
export function checkSignature({ subject, below }: PathLink<TrustAnchor>, search: PathSearch): void {
  const certificate = below.at(-1) as Certificate
  if (search.memory?.has(certificate, subject.publicKey) === true) return
  const verdict = knownVerdict(certificate, subject, search) ?? verify(certificate, subject, search)
  if (verdict.refusal !== undefined) throw verdict.refusal
}

function knownVerdict(certificate: Certificate, issuer: TrustAnchor, search: PathSearch): SignatureVerdict | undefined {
  for (const verdict of search.work.signatures) {
    if (verdict.certificate === certificate && isSameKey(verdict.publicKey, issuer.publicKey)) return verdict
  }
  return undefined
}

function verify(certificate: Certificate, issuer: TrustAnchor, search: PathSearch): SignatureVerdict {
  const { signatures } = search.work
  const limit = search.limits.maxSignatureChecks
  if (signatures.length >= limit) throw searchLimit(certificate, 'signature checks', limit)
  const verdict = { certificate, publicKey: issuer.publicKey, refusal: refusalOf(certificate, issuer, search) }
  signatures.push(verdict)
  if (verdict.refusal === undefined) search.memory?.add(certificate, issuer.publicKey)
  return verdict
}

function refusalOf(certificate: Certificate, issuer: TrustAnchor, search: PathSearch): CertificateError | undefined {
  try {
    verifyCertificateSignature(certificate, issuer, search.verifier)
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}
