import { DerReader } from '@meshid/der'
import { type PublicKey, readPublicKey, type Verifier } from '@meshid/keys'
import { parseSpiffeId, type SpiffeId, type TrustDomain } from '@meshid/spiffe-id'
import { createDirectSvid, type DirectSvid } from './direct-svid.ts'
import { findPlainPath } from './find-plain-path.ts'
import { MAX_DIRECT_BYTES, MAX_DIRECT_CERTIFICATES } from './limits.ts'
import { isEmptyName, type PlainCertificate, readPlainCertificate } from './read-plain-certificate.ts'
import { expectPlain } from './undecided.ts'

/** Whom to trust for what. */
export interface PlainTrust {
  readonly trustDomain: TrustDomain
  readonly authorities: readonly PlainCertificate[]
  readonly verifier: Verifier
}

const SECOND_MS = 1000

/**
 * Verifies a chain of plain certificates: first what costs nothing, then the signatures, and the leaf's key, which made none of them.
 *
 * @throws Undecided, DerError, KeysError, SpiffeIdError
 */
export function verifyPlainChain(chain: readonly Uint8Array[], time: number, trust: PlainTrust): DirectSvid {
  const { trustDomain, authorities, verifier } = trust
  const size = chain.reduce((sum, { length }) => sum + length, 0)
  expectPlain(chain.length <= MAX_DIRECT_CERTIFICATES && size <= MAX_DIRECT_BYTES)
  const certificates = chain.map(readPlainCertificate)
  const [leaf] = certificates
  expectPlain(leaf !== undefined)
  const spiffeId = idOf(leaf)
  expectPlain(spiffeId.trustDomain.equals(trustDomain))
  const path = findPlainPath(certificates, authorities)
  for (const { start, notAfter } of path) expectPlain(time >= start && time < notAfter + SECOND_MS)
  for (const [at, { publicKey }] of path.slice(1).entries()) {
    const { signatureAlgorithm, tbs, signature } = path[at] as PlainCertificate
    expectPlain(verifier.verify(publicKey, signatureAlgorithm, tbs, signature))
  }
  verifier.checkPublicKey?.(leaf.publicKey)
  const notAfter = Math.min(...path.map((certificate) => certificate.notAfter))
  return createDirectSvid(spiffeId, copyOf(leaf.publicKey), notAfter)
}

/** Bits 0, 5 and 6 of the key usage: digitalSignature, which a leaf must have, and what it must not have beside it. */
const LEAF_USAGES = 1 | (1 << 5) | (1 << 6)
const DIGITAL_SIGNATURE = 1

/** The ID of a leaf that keeps the rules of leaves (X509-1 to X509-8, X509-15, X509-17, X509-18). */
function idOf({ isCa, usages, hasCriticalUsages, uris, hasCriticalNames, subject }: PlainCertificate): SpiffeId {
  expectPlain(!isCa && hasCriticalUsages && (usages & LEAF_USAGES) === DIGITAL_SIGNATURE)
  expectPlain(hasCriticalNames || !isEmptyName(subject))
  const [uri, ...others] = uris
  expectPlain(uri !== undefined && others.length === 0)
  const spiffeId = parseSpiffeId(uri)
  expectPlain(spiffeId.path !== '')
  return spiffeId
}

/** The only thing that outlives the bytes that it was read from. */
function copyOf({ spki }: PublicKey): PublicKey {
  return readPublicKey(new DerReader(new Uint8Array(spki)))
}
