import { type Certificate, fingerprint } from '@meshid/certificate'
import { changeTrustBundle, TrustBundle } from './trust-bundle.ts'

const SECOND_MS = 1000

/** One authority that was removed, and why. */
export interface PrunedAuthority {
  readonly certificate: Certificate
  readonly reason: 'expired'
  /** The last second in which it was valid. */
  readonly notAfter: Date
  /** How long it has been expired. */
  readonly expiredForMs: number
  /** A sentence for a log. */
  readonly message: string
}

/** What {@link pruneExpired} did. */
export interface PrunedTrustBundle {
  readonly bundle: TrustBundle
  readonly removed: readonly PrunedAuthority[]
  /** `emptied` when the last X.509 authority went: no X.509-SVID of this trust domain verifies any more. */
  readonly outcome: 'unchanged' | 'pruned' | 'emptied'
}

/**
 * Removes X.509 authorities whose notAfter has passed; those not yet valid stay, because bundles announce them early.
 *
 * Nothing becomes safer by it, as `verifyChain` refuses expired anchors anyway: it keeps bundles short and says what to
 * mend. The sequence number stays that of the document, which still has them: publish the result under a higher one, and
 * go on comparing fetched documents with the document.
 *
 * @see SPIFFE rules X509-32 and BUNDLE-12
 */
export function pruneExpired(bundle: TrustBundle, now: Date): PrunedTrustBundle {
  TrustBundle.check(bundle)
  if (!Number.isFinite(now.getTime())) throw new RangeError('now: expected a valid Date, found an invalid one')
  const isExpired = ({ notAfter }: Certificate) => now.getTime() >= notAfter.getTime() + SECOND_MS
  const removed = Object.freeze(bundle.x509Authorities.filter(isExpired).map((certificate) => prune(certificate, now)))
  if (removed.length === 0) return Object.freeze({ bundle, removed, outcome: 'unchanged' })
  const x509Authorities = bundle.x509Authorities.filter((certificate) => !isExpired(certificate))
  return Object.freeze({
    bundle: changeTrustBundle(bundle, { x509Authorities }),
    removed,
    outcome: x509Authorities.length === 0 ? 'emptied' : 'pruned',
  })
}

function prune(certificate: Certificate, now: Date): PrunedAuthority {
  const { notAfter, subject } = certificate
  const expiredForMs = now.getTime() - notAfter.getTime()
  const name = subject.isEmpty ? fingerprint(certificate) : subject.text()
  const message = `${name}: removed at ${now.toISOString()}, because it was valid until ${notAfter.toISOString()}`
  return Object.freeze({ certificate, reason: 'expired', notAfter, expiredForMs, message })
}
