import type { ServiceAccount } from '@meshid/spiffe-id'
import {
  createCoalescingReviewer,
  createKubernetesReviewer,
  createLimitedReviewer,
  createPreCheckedReviewer,
  createRememberingReviewer,
  type KubernetesTransport,
  type PublishedKeys,
  type ReviewedAccount,
  type ReviewEvent,
  TokenReviewError,
  type TokenReviewer,
} from '@meshid/token-review'
import { expectTypeOf, it } from 'vitest'

declare const transport: KubernetesTransport
declare const reviewer: TokenReviewer
declare const keys: PublishedKeys
declare const clock: { now(): Date }
declare const account: ReviewedAccount

it('names a service account by a value that only a parser makes', () => {
  expectTypeOf(account.serviceAccount).toEqualTypeOf<ServiceAccount>()
  // @ts-expect-error a plain record is no service account
  const forged: ReviewedAccount = { ...account, serviceAccount: { namespace: 'a', name: 'b' } }
  expectTypeOf(forged).toEqualTypeOf<ReviewedAccount>()
})

it('has no boolean that weakens it', () => {
  expectTypeOf(createKubernetesReviewer({ transport })).toEqualTypeOf<TokenReviewer>()
  // @ts-expect-error the word must be written out
  createKubernetesReviewer({ transport, unawareAuthenticator: true })
})

it('has only the codes of its table', () => {
  // @ts-expect-error no such code
  expectTypeOf(new TokenReviewError('TOKEN_REVIEW_OTHER', 'x')).toEqualTypeOf<TokenReviewError>()
})

it('has no boolean that weakens a layer, and no claims but verified ones', () => {
  // @ts-expect-error the word must be written out
  createKubernetesReviewer({ transport, audienceFallback: true })
  // @ts-expect-error the word must be written out
  createPreCheckedReviewer(reviewer, { keys, clock, opaqueTokens: true })
  // @ts-expect-error audiences that are not looked at are named so
  createPreCheckedReviewer(reviewer, { keys, clock, audiences: 'any' })
  // @ts-expect-error a look-alike was not verified
  void reviewer.review('token', { claims: { subject: 'system:serviceaccount:a:b' } })
})

it('makes a reviewer of a reviewer, whatever the order', () => {
  const layered = createRememberingReviewer(createCoalescingReviewer(createLimitedReviewer(reviewer, { clock })), {
    clock,
  })
  expectTypeOf(layered).toExtend<TokenReviewer>()
  // @ts-expect-error a memory needs to be told the time
  createRememberingReviewer(reviewer, {})
})

it('tells an observer of outcomes that a switch can exhaust', () => {
  expectTypeOf<Extract<ReviewEvent, { type: 'reviewed' }>['account']>().toEqualTypeOf<ReviewedAccount>()
  expectTypeOf<ReviewEvent['durationMs']>().toEqualTypeOf<number | undefined>()
  // @ts-expect-error no event has a token
  expectTypeOf<ReviewEvent>().toHaveProperty('token')
})

it('gives records that cannot be changed', () => {
  // @ts-expect-error read only
  account.username = 'x'
  // @ts-expect-error read only
  account.groups.push('x')
})
