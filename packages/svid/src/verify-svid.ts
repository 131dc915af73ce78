import {
  type Certificate,
  checkSvidLeaf,
  type PathTrace,
  type SignatureMemory,
  spiffeIdOfCertificate,
  type TrustAnchors,
  verifyChain,
} from '@meshid/certificate'
import { KeysError, type Verifier } from '@meshid/keys'
import type { SpiffeId } from '@meshid/spiffe-id'
import type { TrustBundleSet } from '@meshid/trust-bundle'
import { judgeCertificates } from './certificate-refusal.ts'
import { SvidError } from './errors.ts'
import { readChain, type SvidChain } from './read-chain.ts'
import { createVerifiedSvid, type SvidPurpose, type VerifiedSvid } from './verified-svid.ts'

/** What {@link verifySvid} judges. */
export interface VerifySvidInput {
  /** What the peer showed: the leaf first, then intermediates in any order, which gain no trust. */
  readonly chain: SvidChain
  /** One bundle for each trust domain that is known; only that of the leaf's own ID is asked. */
  readonly bundles: TrustBundleSet
  /** The instant at which every certificate must be valid, without leeway (X509-36). */
  readonly now: Date
  /** The side of TLS that the holder of the SVID is on: a server verifies a `client`. */
  readonly purpose: SvidPurpose
}

/** Options of {@link verifySvid}. */
export interface VerifySvidOptions {
  /** Checks the signatures: `nobleVerifier` of @meshid/keys anywhere, or `nodeVerifier` of @meshid/keys/node, which knows RSA too. */
  readonly verifier: Verifier
  /** Good signatures of issuers that were seen before, which are not verified again; see `createSignatureMemory` of @meshid/certificate. */
  readonly memory?: SignatureMemory | undefined
  /** Told of each path that is tried and each check of it; changes no verdict; see `createPathTrace` of @meshid/certificate. */
  readonly trace?: PathTrace | undefined
}

/**
 * Verifies an X.509-SVID: its one SPIFFE ID, the rules of leaves, then the path to an authority in the bundle of the trust
 * domain that the ID names, and of no other.
 *
 * Whether the workload is welcome is not decided here; see `authorizeSvid`. Names of hosts and revocation are not looked at.
 *
 * @throws SvidError SVID_CHAIN_EMPTY, SVID_CHAIN_TOO_LONG, SVID_CERTIFICATE_INVALID, SVID_NO_URI_NAME,
 *   SVID_MULTIPLE_URI_NAMES, SVID_ID_INVALID, SVID_ID_WITHOUT_PATH, SVID_LEAF_IS_CA, SVID_LEAF_CAN_SIGN,
 *   SVID_LEAF_NO_DIGITAL_SIGNATURE, SVID_SUBJECT_ALT_NAME_NOT_CRITICAL, SVID_BUNDLE_MISSING, SVID_BUNDLE_EMPTY,
 *   SVID_BUNDLE_WITHOUT_X509, SVID_EXPIRED, SVID_NOT_YET_VALID, SVID_ISSUER_EXPIRED, SVID_ISSUER_NOT_YET_VALID,
 *   SVID_AUTHORITY_EXPIRED, SVID_AUTHORITY_NOT_YET_VALID, SVID_UNKNOWN_AUTHORITY, SVID_SIGNATURE_INVALID,
 *   SVID_EXTENDED_KEY_USAGE_MISMATCH, SVID_ISSUER_NOT_A_CA, SVID_ISSUER_CANNOT_SIGN, SVID_NAME_NOT_PERMITTED,
 *   SVID_PATH_INVALID, SVID_PUBLIC_KEY_INVALID
 * @see SPIFFE X509-SVID section 5; rules X509-1 to X509-36
 * @example
 * const shown = { chain: [leafDer, issuerDer], bundles, now: new Date(), purpose: 'client' } as const
 * const peer = verifySvid(shown, { verifier: nodeVerifier })
 */
export function verifySvid(input: VerifySvidInput, options: VerifySvidOptions): VerifiedSvid {
  const { bundles, now, purpose } = input
  const { verifier, memory, trace } = options
  if (!Number.isFinite(now.getTime())) throw new RangeError('now: expected a valid Date, found an invalid one')
  const chain = readChain(input.chain)
  const [leaf] = chain
  const spiffeId = judgeCertificates(leaf, undefined, () => {
    checkSvidLeaf(leaf)
    return spiffeIdOfCertificate(leaf)
  })
  const trustAnchors = anchorsFor(spiffeId, bundles)
  const verified = judgeCertificates(leaf, now, () =>
    verifyChain({ chain, trustAnchors, now, purpose: `leaf-${purpose}` }, { verifier, memory, trace }),
  )
  checkKey(leaf, verifier)
  return createVerifiedSvid(spiffeId, verified, purpose, now)
}

/** No signature on the path was made by the leaf, so nothing else looks at its key (X509-26 leaves it to TLS). */
function checkKey({ publicKey }: Certificate, verifier: Verifier): void {
  try {
    verifier.checkPublicKey?.(publicKey)
  } catch (cause) {
    if (!(cause instanceof KeysError)) throw cause
    throw new SvidError('SVID_PUBLIC_KEY_INVALID', `svid: ${cause.message}`, { detail: { ...cause.detail }, cause })
  }
}

/** The authorities of the ID's own trust domain; each way to have none is another story (X509-29, X509-45). */
function anchorsFor({ trustDomain }: SpiffeId, bundles: TrustBundleSet): TrustAnchors {
  const bundle = bundles.get(trustDomain)
  if (bundle?.trustAnchors !== undefined) return bundle.trustAnchors
  const [code, found] =
    bundle === undefined
      ? (['SVID_BUNDLE_MISSING', 'none'] as const)
      : bundle.isEmpty
        ? (['SVID_BUNDLE_EMPTY', 'an empty one'] as const)
        : (['SVID_BUNDLE_WITHOUT_X509', 'one with keys for tokens only'] as const)
  throw new SvidError(code, `svid: expected a bundle of ${trustDomain.name}, found ${found}`, {
    detail: { expected: trustDomain.name, found },
  })
}
