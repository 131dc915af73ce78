import { type Certificate, CertificateError, createTrustAnchors, type TrustAnchors } from '@meshid/certificate'
import { TrustDomain } from '@meshid/spiffe-id'
import { refusal } from './errors.ts'
import { isJwtAuthority, type JwtAuthority } from './jwt-authority.ts'

/** Greatest sequence number: 64 bits, as the standard asks of every reader (BUNDLE-8). */
export const MAX_SEQUENCE_NUMBER = 0xffff_ffff_ffff_ffffn

/** Longest refresh hint: a year; whatever says more means nothing (BUNDLE-9). */
export const MAX_REFRESH_HINT_MS: number = 366 * 24 * 3_600_000

const SECOND_MS = 1000

/** What a bundle is made of. */
export interface TrustBundleContents {
  readonly trustDomain: TrustDomain
  /** CA certificates; equal ones count once. None by default: then no X.509-SVID of the trust domain is valid. */
  readonly x509Authorities?: readonly Certificate[]
  readonly jwtAuthorities?: readonly JwtAuthority[]
  /** 0 to {@link MAX_SEQUENCE_NUMBER}; whoever publishes must raise it with every change (BUNDLE-7). */
  readonly sequenceNumber?: bigint | undefined
  /** Whole seconds, at most {@link MAX_REFRESH_HINT_MS}. */
  readonly refreshHintMs?: number | undefined
}

let mint: (contents: TrustBundleContents, anchors: TrustAnchors | undefined) => TrustBundle

/**
 * The authorities of one trust domain, all of them: what is not in it is not trusted. Frozen; made by `createTrustBundle`
 * and the readers of documents.
 *
 * A bundle with nothing in it is no mistake: it says that nothing of this trust domain is trusted any more (BUNDLE-11).
 *
 * @see SPIFFE Trust Domain and Bundle section 3; rules BUNDLE-1 to BUNDLE-4
 */
export class TrustBundle {
  readonly trustDomain: TrustDomain
  readonly x509Authorities: readonly Certificate[]
  readonly jwtAuthorities: readonly JwtAuthority[]
  /** `undefined` when the document has none: then the one fetched last is the newest. */
  readonly sequenceNumber: bigint | undefined
  /** How often its publisher wishes to be asked, exactly as published; see `refreshIntervalMs` for what to do with it. */
  readonly refreshHintMs: number | undefined
  /** Private, so that the type is nominal: a record that merely looks like a bundle is not one. */
  readonly #trustAnchors: TrustAnchors | undefined

  private constructor(contents: TrustBundleContents, anchors: TrustAnchors | undefined) {
    this.trustDomain = contents.trustDomain
    this.x509Authorities = anchors?.certificates ?? Object.freeze([])
    this.jwtAuthorities = Object.freeze([...(contents.jwtAuthorities ?? [])])
    this.sequenceNumber = contents.sequenceNumber
    this.refreshHintMs = contents.refreshHintMs
    this.#trustAnchors = anchors
    Object.freeze(this)
  }

  static {
    mint = (contents, anchors) => new TrustBundle(contents, anchors)
  }

  /** What `verifyChain` asks for; `undefined` when there is no X.509 authority, so that nothing verifies. */
  get trustAnchors(): TrustAnchors | undefined {
    return this.#trustAnchors
  }

  /** Whether there is no usable key of any kind: everything of the trust domain is distrusted (BUNDLE-12). */
  get isEmpty(): boolean {
    return this.x509Authorities.length === 0 && this.jwtAuthorities.length === 0
  }

  /** Throws a TypeError unless the value was made by this package; types say the same. */
  static check(value: TrustBundle): void {
    if (typeof value === 'object' && #trustAnchors in value) return
    throw new TypeError('trust bundle: expected one of createTrustBundle or a parser')
  }
}

/**
 * Declares authorities to be those of a trust domain: whoever calls this decides what is trusted. Each certificate must be
 * a CA that may sign certificates; equal ones count once (X509-47).
 *
 * Neither times nor signatures of the authorities are checked here; see `pruneExpired` and `verifyChain`.
 *
 * @throws TrustBundleError TRUST_BUNDLE_NOT_A_CA
 * @throws RangeError when the sequence number or the refresh hint is out of its bounds
 * @see SPIFFE rules X509-14, X509-31, X509-33 and X509-47
 */
export function createTrustBundle(contents: TrustBundleContents): TrustBundle {
  const { trustDomain, x509Authorities = [], jwtAuthorities = [], sequenceNumber, refreshHintMs } = contents
  if (!(trustDomain instanceof TrustDomain)) throw new TypeError('trustDomain: expected a TrustDomain')
  if (!jwtAuthorities.every(isJwtAuthority)) throw new TypeError('jwtAuthorities: expected those of a document')
  if (sequenceNumber !== undefined && (sequenceNumber < 0n || sequenceNumber > MAX_SEQUENCE_NUMBER)) {
    throw new RangeError(`sequenceNumber: expected 0 to ${MAX_SEQUENCE_NUMBER}, found ${sequenceNumber}`)
  }
  if (refreshHintMs !== undefined && !isRefreshHint(refreshHintMs)) {
    throw new RangeError(`refreshHintMs: expected whole seconds up to ${MAX_REFRESH_HINT_MS}, found ${refreshHintMs}`)
  }
  return mint(contents, anchorsOf(x509Authorities))
}

/** The bundle with some of its contents replaced; the package does not export it. */
export function changeTrustBundle(bundle: TrustBundle, changes: Partial<TrustBundleContents>): TrustBundle {
  const { trustDomain, x509Authorities, jwtAuthorities, sequenceNumber, refreshHintMs } = bundle
  return createTrustBundle({
    trustDomain,
    x509Authorities,
    jwtAuthorities,
    sequenceNumber,
    refreshHintMs,
    ...changes,
  })
}

/** Whether a bundle can have this refresh hint. */
export function isRefreshHint(ms: number): boolean {
  return ms > 0 && ms <= MAX_REFRESH_HINT_MS && ms % SECOND_MS === 0
}

function anchorsOf(certificates: readonly Certificate[]): TrustAnchors | undefined {
  if (certificates.length === 0) return undefined
  try {
    return createTrustAnchors(certificates)
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw refusal('TRUST_BUNDLE_NOT_A_CA', 'X.509 authority', 'a CA that may sign certificates', cause.message, {
      detail: { certificate: cause.code },
      cause,
    })
  }
}
