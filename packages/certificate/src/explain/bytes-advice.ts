import type { CertificateError } from '../errors.ts'
import type { Advice, Finding } from './finding.ts'
import { describeCertificate, shorten } from '../describe-certificate.ts'

const SUPPORTED = 'P-256, P-384 or Ed25519, or RSA from 2048 bits'

/** Where bytes that cannot be read came from. */
export interface UnreadablePlace {
  readonly list: 'chain' | 'trust bundle'
  readonly index: number
  /** Whether the rest is accepted without them. */
  readonly isNeedless: boolean
}

/** Bytes of the chain or of the anchors that are no certificate. */
export function unreadableAdvice(error: CertificateError, { list, index, isNeedless }: UnreadablePlace): Advice {
  const message = shorten(error.message.replace(/^certificate: /, ''))
  const what = `Certificate ${index} of the ${list} cannot be read: ${message}.`
  if (isNeedless)
    return { what, fix: `Leave certificate ${index} of the ${list} out: the rest is accepted without it.` }
  return { what, fix: `${remedies[error.code] ?? 'Have it issued anew'} (certificate ${index} of the ${list}).` }
}

const remedies: Readonly<Partial<Record<CertificateError['code'], string>>> = {
  CERT_DER_INVALID: 'Copy the file again, whole; if it stays so, have it issued anew in strict DER',
  CERT_TOO_LARGE: 'Check that it is a certificate at all: it is longer than any honest one',
  CERT_PUBLIC_KEY_INVALID: `Have it issued anew for a key of today: ${SUPPORTED}`,
  CERT_UNSUPPORTED_ALGORITHM: `Have it issued anew for a key that is supported: ${SUPPORTED}`,
  CERT_VERSION_UNSUPPORTED: 'Have it issued anew as version 3',
}

/** CERT_UNSUPPORTED_ALGORITHM of a signature: one of the past, or one that this verifier does not know. */
export function algorithmAdvice({ error, at }: Finding): Advice | undefined {
  const child = at?.below.at(-1)
  if (at === undefined || child === undefined) return undefined
  const name = describeCertificate(child)
  const issuer = describeCertificate(at.subject)
  if (child.signatureAlgorithm === undefined) {
    const found = shorten(String(error.detail['found']))
    return {
      what: `The signature of ${issuer} on ${name} is ${found}, which counts for nothing today.`,
      fix: `Have ${issuer} issue ${name} anew, signed with SHA-256 or better.`,
    }
  }
  return {
    what: `The signature of ${issuer} on ${name} cannot be verified here: ${shorten(error.message)}.`,
    fix: 'Verify with nodeVerifier of @meshid/keys/node, which knows RSA, or issue from a CA with a P-256 key.',
  }
}
