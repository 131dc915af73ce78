import type { Readiness, ReadinessNote } from '@meshid/example-operations'
import type { IssuerHolder, IssuerState } from '@meshid/identity'
import type { FollowedTrustAnchors } from './follow-trust-anchors.ts'

/** How far the server is, and what readiness makes of that. */
export class ServerState {
  phase: 'starting' | 'serving' | 'shutting down' = 'starting'
  trustAnchors: Pick<FollowedTrustAnchors, 'current' | 'refusal'> | undefined
  readonly #holder: IssuerHolder
  readonly #clock: { now(): Date }

  constructor(holder: IssuerHolder, clock: { now(): Date }) {
    this.#holder = holder
    this.#clock = clock
  }

  /**
   * Ready means that a good request gets a certificate: the server listens and its issuer is valid (Q20).
   *
   * A refused update does not end that; it is a note, so that nobody finds out on the day the old issuer expires.
   */
  readiness(): Readiness {
    const issuer = this.#holder.state(this.#clock.now())
    const phase = this.phase === 'serving' ? undefined : { reason: this.phase }
    const notes = [phase, expiryNote(issuer), refusalNote(issuer), this.trustAnchors?.refusal]
    return {
      ready: this.phase === 'serving' && issuer.status === 'serving',
      notes: notes.filter((note) => note !== undefined),
    }
  }
}

function expiryNote({ status, notAfter }: IssuerState): ReadinessNote | undefined {
  if (status !== 'expired' || notAfter === undefined) return undefined
  return {
    code: 'CERT_EXPIRED',
    reason: 'the issuer, or a CA above it, has expired: nothing is issued',
    since: notAfter,
  }
}

function refusalNote({ lastRefusal, notAfter }: IssuerState): ReadinessNote | undefined {
  if (lastRefusal === undefined) return undefined
  const { code, message, at: since } = lastRefusal
  const until = notAfter === undefined ? '' : `, the old issuer is in use until ${notAfter.toISOString()}`
  return { code, reason: `issuer update refused${until}: ${message}`, since }
}
