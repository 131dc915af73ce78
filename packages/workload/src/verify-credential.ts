import {
  type Certificate,
  CertificateError,
  parseCertificate,
  type TrustAnchors,
  verifyChain,
} from '@meshid/certificate'
import { isSameKey, type PrivateKey, type Verifier } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { createCredential, type Credential } from './credential.ts'
import { WorkloadError, type WorkloadErrorCode } from './errors.ts'
import { formatWorkloadName, type WorkloadName } from './workload-name.ts'

/** What the identity service answers: DER certificates and the end of the leaf's validity. */
export interface CertifyAnswer {
  readonly leaf: Uint8Array
  /** The leaf's issuer first, towards the root. */
  readonly intermediates: readonly Uint8Array[]
  readonly validUntil: Date
}

/** What the answer must agree with. */
export interface VerifyCredentialOptions {
  readonly name: WorkloadName
  readonly privateKey: PrivateKey
  readonly trustAnchors: TrustAnchors
  readonly now: Date
  /** Default `nodeVerifier`. */
  readonly verifier?: Verifier
}

const refuse = (code: WorkloadErrorCode, expected: string, found: string): WorkloadError =>
  new WorkloadError(code, `issued certificate: expected ${expected}, found ${found}`, { detail: { expected, found } })

/**
 * Verifies an answer of the identity service before anything uses it: well-formed, for the own key and the own name only,
 * not expired, and leading to the own trust anchors. Linkerd's proxy checks the same in its store (Q38 included).
 * @throws WorkloadError WORKLOAD_RESPONSE_INVALID, WORKLOAD_CREDENTIAL_KEY_MISMATCH, WORKLOAD_CREDENTIAL_NAME_MISMATCH,
 *   WORKLOAD_CREDENTIAL_UNTRUSTED, WORKLOAD_CREDENTIAL_EXPIRED
 */
export function verifyCredential(answer: CertifyAnswer, options: VerifyCredentialOptions): Credential {
  const { name, privateKey, trustAnchors, now, verifier = nodeVerifier } = options
  const [leaf, ...intermediates] = parseAnswer(answer)
  if (!isSameKey(leaf.publicKey, privateKey.publicKey)) {
    throw refuse('WORKLOAD_CREDENTIAL_KEY_MISMATCH', 'the key of this workload', 'another key')
  }
  checkName(leaf, name)
  const notAfter = new Date(Math.min(answer.validUntil.getTime(), leaf.notAfter.getTime()))
  if (!(notAfter > now)) {
    throw refuse('WORKLOAD_CREDENTIAL_EXPIRED', `an end after ${now.toISOString()}`, notAfter.toISOString())
  }
  try {
    verifyChain({ chain: [leaf, ...intermediates], trustAnchors, now, purpose: 'leaf' }, { verifier })
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new WorkloadError('WORKLOAD_CREDENTIAL_UNTRUSTED', `issued certificate: ${cause.code}: ${cause.message}`, {
      cause,
    })
  }
  return createCredential({ name, leaf, intermediates, privateKey, notAfter })
}

function parseAnswer(answer: CertifyAnswer): [Certificate, ...Certificate[]] {
  if (!Number.isFinite(answer.validUntil.getTime())) {
    throw refuse('WORKLOAD_RESPONSE_INVALID', 'a time until which it is valid', 'none')
  }
  try {
    return [parseCertificate(answer.leaf), ...answer.intermediates.map((der) => parseCertificate(der))]
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new WorkloadError('WORKLOAD_RESPONSE_INVALID', `issued certificate: ${cause.code}: ${cause.message}`, {
      cause,
    })
  }
}

/** The names that TLS peers will judge must be the own one and no other. */
function checkName(leaf: Certificate, name: WorkloadName): void {
  const uris = leaf.subjectAltNames?.uris ?? []
  const dnsNames = leaf.subjectAltNames?.dnsNames ?? []
  const own = formatWorkloadName(name)
  const found = name.kind === 'spiffe' ? uris : dnsNames
  if (found.length === 1 && found[0] === own) return
  throw refuse(
    'WORKLOAD_CREDENTIAL_NAME_MISMATCH',
    `${own} only`,
    [...uris, ...dnsNames].join(', ').slice(0, 300) || 'no name',
  )
}
