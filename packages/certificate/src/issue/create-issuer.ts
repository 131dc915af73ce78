import { nobleVerifier, sha256 } from '@meshid/keys'
import type { KeyAlgorithm, RandomSource, Sha256, Signer, Verifier } from '@meshid/keys'
import { Certificate } from '../parse/certificate.ts'
import { checkKeyPair } from './check-key-pair.ts'
import { checkIssued, type IntendedLeaf } from './check-issued.ts'
import { describeCertificate, evidenceOf } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { IssuedCertificate } from './issued-certificate.ts'
import type { IssueRequest, Issuer } from './issuer.ts'
import { createLeafAssembly, type LeafAssembly } from './leaf-assembly.ts'
import { publicKeyOf } from './public-key-of.ts'
import { createSerialNumbers } from './serial-number.ts'
import { signTbs } from './sign-certificate.ts'
import { isSelfIssued } from '../path/check-path-length.ts'
import { createSignatureMemory } from '../path/signature-memory.ts'
import type { TrustAnchors } from '../path/trust-anchors.ts'
import type { UnsignedLeaf } from './unsigned-leaf.ts'
import { createValidityEncoder, type EncodedValidity } from './validity-encoder.ts'
import { validityPolicy, type ValidityOptions } from './validity-window.ts'
import type { VerifiedChain } from '../path/verified-chain.ts'
import { verifyChain } from '../path/verify-chain.ts'
import { hasNameConstraints, trialIdentity } from './trial-identity.ts'
import { namesOf } from './workload-identity.ts'
import { workloadTemplate, type WorkloadTemplate } from './workload-template.ts'
import { DEFAULT_LIFETIME_MS, DEFAULT_SELF_CHECK_INTERVAL } from '../limits.ts'

/** A CA as its operator hands it over: certificate, private key, and what both must lead to. */
export interface IssuerSource {
  /** The CA's certificate first, then what leads from it to an anchor. */
  readonly chain: readonly Certificate[]
  /** Signs with the CA's private key: P-256, P-384, or Ed25519, whose leaves many TLS stacks do not take. */
  readonly signer: Signer
  readonly trustAnchors: TrustAnchors
  /** The instant at which all of it must be valid. */
  readonly now: Date
}

/** Options of {@link createIssuer}; durations are in milliseconds. */
export interface CreateIssuerOptions extends ValidityOptions {
  /** Verifies the CA's path and the leaves that are checked, and hashes; `nobleVerifier` by default, which does not know RSA. */
  readonly verifier?: Verifier | undefined
  /** For serial numbers; the platform's `crypto.getRandomValues` by default. */
  readonly random?: RandomSource | undefined
  /** What leaves look like; `workloadTemplate()` by default. */
  readonly template?: WorkloadTemplate | undefined
  /** One leaf in this many is read and verified before it is released; {@link DEFAULT_SELF_CHECK_INTERVAL} by default. */
  readonly selfCheckInterval?: number | undefined
}

/**
 * Makes an issuer of workloads' leaves, after it has shown by a trial that its leaves verify: the trial's leaf names nobody, is for
 * the CA's own key, and is thrown away.
 *
 * Leaves are valid for `lifetimeMs` (24 h by default) from now and from `clockSkewMs` (10 s) before, cut to every certificate of the
 * path, anchor included. Below name constraints every leaf is checked before it is released. When less than `minRemainingMs` (60 s, or the lifetime if shorter) is left of the path, nothing is issued.
 *
 * @throws CertificateError `CERT_NOT_A_CA`, `CERT_NO_KEY_CERT_SIGN`, `CERT_PATH_LENGTH_EXCEEDED`, `CERT_KEY_MISMATCH`, `CERT_EXPIRED`,
 *   `CERT_NOT_YET_VALID`, `CERT_UNKNOWN_ISSUER`, `CERT_SIGNATURE_INVALID`, `CERT_UNSUPPORTED_ALGORITHM`,
 *   `CERT_EXTENDED_KEY_USAGE_MISMATCH`, the other codes of `verifyChain`, `CERT_LIFETIME_INVALID`, `CERT_ISSUER_EXPIRING`,
 *   `CERT_SIGNING_FAILED`
 * @throws TypeError, RangeError for arguments that types already refuse
 * @see SPIFFE ISS-2, ISS-3, ISS-5; Linkerd Q2, Q10 to Q15, Q24
 */
export async function createIssuer(source: IssuerSource, options: CreateIssuerOptions = {}): Promise<Issuer> {
  const { chain, signer, trustAnchors, now } = source
  const { verifier = nobleVerifier, template = workloadTemplate() } = options
  const policy = validityPolicy(options, DEFAULT_LIFETIME_MS)
  const verified = verifyChain({ chain, trustAnchors, now, purpose: 'issuer' }, { verifier })
  checkAlgorithm(verified.certificate)
  checkKeyPair(verified.certificate, signer)
  const judge = { path: verified.path, trustAnchors, verifier, memory: createSignatureMemory() }
  const issuer = new TriedIssuer({
    verified,
    signer,
    validityAt: createValidityEncoder(policy, verified),
    assemble: createLeafAssembly(template, {
      certificate: verified.certificate,
      signatureAlgorithm: signer.signatureAlgorithm,
    }),
    nextSerialNumber: createSerialNumbers(options.random),
    sha256: verifier.sha256 ?? sha256,
    check: (der, intended) => checkIssued(der, intended, judge),
    selfCheckInterval: hasNameConstraints(verified)
      ? 1
      : checkInterval(options.selfCheckInterval ?? DEFAULT_SELF_CHECK_INTERVAL),
  })
  await issuer.try(now)
  return issuer
}

const issuerAlgorithms: readonly KeyAlgorithm[] = ['P-256', 'P-384', 'Ed25519']

function checkAlgorithm(certificate: Certificate): void {
  const { algorithm } = certificate.publicKey
  if (issuerAlgorithms.includes(algorithm)) return
  const expected = issuerAlgorithms.join(', ')
  throw new CertificateError(
    'CERT_UNSUPPORTED_ALGORITHM',
    `${describeCertificate(certificate)}: expected a key of ${expected}, found ${algorithm}`,
    { detail: { ...evidenceOf(certificate), expected, found: algorithm } },
  )
}

function checkInterval(interval: number): number {
  if (Number.isSafeInteger(interval) && interval > 0) return interval
  throw new RangeError(`selfCheckInterval: expected a whole number from 1, found ${interval}`)
}

interface IssuerParts {
  readonly verified: VerifiedChain
  readonly signer: Signer
  readonly validityAt: (now: Date) => EncodedValidity
  readonly assemble: LeafAssembly
  readonly nextSerialNumber: () => Uint8Array
  readonly sha256: Sha256
  readonly check: (der: Uint8Array, intended: IntendedLeaf) => void
  readonly selfCheckInterval: number
}

interface AssembledLeaf {
  readonly leaf: UnsignedLeaf
  readonly validity: EncodedValidity
}

class TriedIssuer implements Issuer {
  readonly certificate: Certificate
  readonly chain: readonly Uint8Array[]
  readonly #parts: IssuerParts
  /** Milliseconds since the epoch: every request asks for it. */
  readonly #notAfter: number
  #untilSelfCheck: number

  constructor(parts: IssuerParts) {
    this.#parts = parts
    this.#untilSelfCheck = parts.selfCheckInterval
    this.#notAfter = parts.verified.notAfter.getTime()
    this.certificate = parts.verified.certificate
    this.chain = Object.freeze(chainToSend(parts.verified).map(({ der }) => der.slice()))
    Object.freeze(this)
  }

  get notAfter(): Date {
    return new Date(this.#notAfter)
  }

  async issue({ identity, key, now, signal }: IssueRequest): Promise<IssuedCertificate> {
    const intended = { names: namesOf(identity), publicKey: publicKeyOf(key), now }
    const { leaf, validity } = this.#assemble(intended)
    const signed = signTbs(leaf.tbs, this.#parts.signer, signal)
    const der = leaf.seal(signed instanceof Uint8Array ? signed : await signed)
    if (--this.#untilSelfCheck === 0) this.#selfCheck(der, intended)
    return new IssuedCertificate(der, validity, this.#parts.sha256)
  }

  /** Issues a leaf to nobody and judges it; the refusals of the judge go to the caller as they are. */
  async try(now: Date): Promise<void> {
    const identity = trialIdentity(this.#parts.verified)
    const intended = { names: namesOf(identity), publicKey: this.certificate.publicKey, now }
    const { leaf } = this.#assemble(intended)
    this.#parts.check(leaf.seal(await signTbs(leaf.tbs, this.#parts.signer)), intended)
  }

  #assemble({ names, publicKey, now }: IntendedLeaf): AssembledLeaf {
    const { assemble, nextSerialNumber, validityAt } = this.#parts
    const validity = validityAt(now)
    const leaf = assemble({ serialNumber: nextSerialNumber(), validity: validity.der, publicKey, names })
    return { leaf, validity }
  }

  #selfCheck(der: Uint8Array, intended: IntendedLeaf): void {
    this.#untilSelfCheck = this.#parts.selfCheckInterval
    try {
      this.#parts.check(der, intended)
    } catch (cause) {
      if (cause instanceof CertificateError && cause.code === 'CERT_SELF_CHECK_FAILED') throw cause
      throw new CertificateError('CERT_SELF_CHECK_FAILED', 'issued leaf: expected one that verifies, found another', {
        cause,
      })
    }
  }
}

/** The path without a root that signed itself: whoever trusts it has it. */
function chainToSend({ path, anchor }: VerifiedChain): readonly Certificate[] {
  return anchor instanceof Certificate && isSelfIssued(anchor) ? path.slice(0, -1) : path
}
