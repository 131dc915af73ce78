import type { IssuedCertificate, Issuer } from '@meshid/certificate'
import type { AsyncCsrVerifier } from '@meshid/csr'
import type { ReviewedAccount, TokenReviewer } from '@meshid/token-review'
import type { Attempt } from './attempt.ts'
import type { CertifyRequest } from './certify-request.ts'
import { checkIssued, checkIssuer, currentIssuer } from './check-issuer.ts'
import { checkPresent } from './check-present.ts'
import { identityOf } from './identity-of.ts'
import type { IssuerHolder } from './issuer-holder.ts'
import { matchCsrNames } from './match-csr-names.ts'
import { matchIdentity } from './match-identity.ts'
import type { Profile } from './profile.ts'
import { parseRequestedIdentity } from './requested-identity.ts'

/** What a decision needs of the world. */
export interface CertifyWorld {
  readonly reviewer: TokenReviewer
  readonly profile: Profile
  readonly issuer: Pick<IssuerHolder, 'current'>
  readonly csrs: AsyncCsrVerifier
  readonly clock: { now(): Date }
}

/** One request on its way. */
export interface CertifyPassage {
  readonly attempt: Attempt
  readonly signal: AbortSignal | undefined
  /** Called when only the token is left to be judged. */
  readonly onValidating: () => void
}

/** What was decided. */
export interface CertifyDecision {
  readonly account: ReviewedAccount
  readonly issued: IssuedCertificate
  /** The one that signed, although the holder may have another by now. */
  readonly issuer: Issuer
}

/**
 * The whole decision, from top to bottom: what is cheap and local first, then the token's authority, then the CA's key.
 *
 * The issuer is taken once and nothing is locked (Q4). Errors come out as their packages throw them.
 */
export async function certify(
  request: CertifyRequest,
  { reviewer, profile, issuer: holder, csrs, clock }: CertifyWorld,
  { attempt, signal, onValidating }: CertifyPassage,
): Promise<CertifyDecision> {
  const issuer = currentIssuer(holder)
  checkPresent(request)
  const requested = parseRequestedIdentity(request.identity, profile.names)
  attempt.identity = requested.text

  attempt.enter('csr')
  const csr = await csrs.verify(request.csr) // bytes → parsed → proven (Q1)
  checkIssuer(issuer, clock.now())
  matchCsrNames(csr, requested)

  attempt.enter('review')
  onValidating()
  const account = await reviewer.review(request.token, { signal }) // who is asking
  signal?.throwIfAborted()

  attempt.enter('match')
  const identity = identityOf(account.serviceAccount, profile.names) // what they are called
  matchIdentity(requested, identity) // they asked for that, only that

  attempt.enter('issue')
  const issued = await issuer.issue({ identity, key: csr.key, now: clock.now(), signal }) // the only use of the CA's key
  checkIssued(issued)
  return { account, issued, issuer }
}
