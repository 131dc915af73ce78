import { isSameKey, type PublicKey, type Verifier } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { CertificateError } from '../errors.ts'
import { parseCertificate } from '../parse/parse-certificate.ts'
import type { SignatureMemory } from '../path/signature-memory.ts'
import type { TrustAnchors } from '../path/trust-anchors.ts'
import { verifyChain } from '../path/verify-chain.ts'
import type { WorkloadNames } from './workload-identity.ts'

/** What a fresh leaf must say. */
export interface IntendedLeaf {
  readonly publicKey: PublicKey
  readonly names: WorkloadNames
  readonly now: Date
}

/** What a fresh leaf is judged by. */
export interface IssuedJudge {
  /** From the issuer to the trust anchor. */
  readonly path: readonly Certificate[]
  readonly trustAnchors: TrustAnchors
  readonly verifier: Verifier
  /** Spares the signatures of the path, which are the same for each leaf. */
  readonly memory: SignatureMemory
}

/**
 * Reads a fresh leaf as a stranger would, and verifies it up to the trust anchor: for both sides of TLS, with the intended key and names.
 *
 * @throws CertificateError the codes of `parseCertificate` and `verifyChain`, `CERT_SELF_CHECK_FAILED`
 * @see SPIFFE ISS-5
 */
export function checkIssued(der: Uint8Array, intended: IntendedLeaf, judge: IssuedJudge): void {
  const { path, trustAnchors, verifier, memory } = judge
  const leaf = parseCertificate(der)
  verifyChain({ chain: [leaf, ...path], trustAnchors, now: intended.now, purpose: 'leaf' }, { verifier, memory })
  if (!isSameKey(leaf.publicKey, intended.publicKey)) throw failed('the intended key', 'another key')
  const { dnsName, uri } = intended.names
  const expected = [dnsName, uri].filter((name) => name !== undefined).join(' ')
  const found = [...(leaf.subjectAltNames?.dnsNames ?? []), ...(leaf.subjectAltNames?.uris ?? [])].join(' ')
  if (expected !== found) throw failed(expected, found)
}

function failed(expected: string, found: string): CertificateError {
  return new CertificateError('CERT_SELF_CHECK_FAILED', `issued leaf: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}
