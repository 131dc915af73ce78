import {
  type Certificate,
  CertificateError,
  checkSvidLeaf,
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

/** Longest list of names that an error repeats, in characters. */
const MAX_NAMES_IN_ERROR = 300

const refuse = (code: WorkloadErrorCode, expected: string, found: string): WorkloadError =>
  new WorkloadError(code, `issued certificate: expected ${expected}, found ${found}`, { detail: { expected, found } })

/**
 * Verifies an answer of the identity service before anything uses it: well-formed, for the own key and the own name only,
 * not expired, fit for both sides of TLS, and leading to the own trust anchors. Linkerd's proxy checks the same in its
 * store (`set_certificate`), but for the expiry (Q38) and the rules of SVID leaves.
 * @throws WorkloadError WORKLOAD_RESPONSE_INVALID, WORKLOAD_CREDENTIAL_KEY_MISMATCH, WORKLOAD_CREDENTIAL_NAME_MISMATCH,
 *   WORKLOAD_CREDENTIAL_UNTRUSTED, WORKLOAD_CREDENTIAL_EXPIRED
 * @see SPIFFE rules X509-26, X509-27 and X509-34
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
  judge('WORKLOAD_CREDENTIAL_UNTRUSTED', () => {
    verifyChain({ chain: [leaf, ...intermediates], trustAnchors, now, purpose: 'leaf' }, { verifier })
    if (name.kind === 'spiffe') checkSvidLeaf(leaf)
  })
  return createCredential({ name, leaf, intermediates, privateKey, notAfter })
}

function parseAnswer({ leaf, intermediates, validUntil }: CertifyAnswer): [Certificate, ...Certificate[]] {
  if (!Number.isFinite(validUntil.getTime())) {
    throw refuse('WORKLOAD_RESPONSE_INVALID', 'a time until which it is valid', 'none')
  }
  return judge('WORKLOAD_RESPONSE_INVALID', () => [
    parseCertificate(leaf),
    ...intermediates.map((der) => parseCertificate(der)),
  ])
}

/** The names that TLS peers will judge must be the own one and no other. */
function checkName(leaf: Certificate, name: WorkloadName): void {
  const uris = leaf.subjectAltNames?.uris ?? []
  const dnsNames = leaf.subjectAltNames?.dnsNames ?? []
  const own = formatWorkloadName(name)
  const found = name.kind === 'spiffe' ? uris : dnsNames
  if (found.length === 1 && found[0] === own) return
  const all = [...uris, ...dnsNames].join(', ').slice(0, MAX_NAMES_IN_ERROR)
  throw refuse('WORKLOAD_CREDENTIAL_NAME_MISMATCH', `${own} only`, all || 'no name')
}

/** Runs a step of the judgement; what speaks against the certificates becomes this package's error. */
function judge<T>(code: WorkloadErrorCode, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    const message = `issued certificate: ${cause.code}: ${cause.message}`
    throw new WorkloadError(code, message, { detail: { found: cause.code }, cause })
  }
}
