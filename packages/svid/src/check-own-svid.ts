import { checkSvidLeaf, spiffeIdOfCertificate } from '@meshid/certificate'
import { isSameKey, type PublicKey } from '@meshid/keys'
import type { SpiffeId } from '@meshid/spiffe-id'
import { judgeCertificates } from './certificate-refusal.ts'
import { SvidError, type SvidErrorCode } from './errors.ts'
import { readChain, type SvidChain } from './read-chain.ts'

/** What {@link checkOwnSvid} looks at. */
export interface CheckOwnSvidInput {
  /** What will be shown to peers: the leaf first. */
  readonly chain: SvidChain
  /** The public half of the key that will be used with it. */
  readonly publicKey: PublicKey
}

/**
 * Checks that a workload's own SVID has the form that peers will ask for, and says its ID: the rules of leaves, signing CAs
 * behind it, and the leaf's own key.
 *
 * No trust is gained: times and signatures are not looked at, because those who load an SVID may not have the bundle yet.
 *
 * @throws SvidError SVID_CHAIN_EMPTY, SVID_CHAIN_TOO_LONG, SVID_CERTIFICATE_INVALID, SVID_NO_URI_NAME,
 *   SVID_MULTIPLE_URI_NAMES, SVID_ID_INVALID, SVID_ID_WITHOUT_PATH, SVID_LEAF_IS_CA, SVID_LEAF_CAN_SIGN,
 *   SVID_LEAF_NO_DIGITAL_SIGNATURE, SVID_SUBJECT_ALT_NAME_NOT_CRITICAL, SVID_ISSUER_NOT_A_CA, SVID_ISSUER_CANNOT_SIGN,
 *   SVID_KEY_MISMATCH
 * @see SPIFFE rule X509-34
 */
export function checkOwnSvid({ chain, publicKey }: CheckOwnSvidInput): SpiffeId {
  const [leaf, ...issuers] = readChain(chain)
  const spiffeId = judgeCertificates(leaf, undefined, () => {
    checkSvidLeaf(leaf)
    return spiffeIdOfCertificate(leaf)
  })
  for (const [index, { basicConstraints, keyUsage, subject }] of issuers.entries()) {
    const name = `certificate ${index + 1} (${subject.text().slice(0, 100)})`
    if (basicConstraints?.ca !== true) throw refuse('SVID_ISSUER_NOT_A_CA', name, 'a CA', 'none')
    if (keyUsage?.keyCertSign !== true) throw refuse('SVID_ISSUER_CANNOT_SIGN', name, 'key usage keyCertSign', 'none')
  }
  if (!isSameKey(leaf.publicKey, publicKey)) throw refuse('SVID_KEY_MISMATCH', 'key', 'that of the leaf', 'another')
  return spiffeId
}

function refuse(code: SvidErrorCode, what: string, expected: string, found: string): SvidError {
  return new SvidError(code, `${what}: expected ${expected}, found ${found}`, { detail: { expected, found } })
}
