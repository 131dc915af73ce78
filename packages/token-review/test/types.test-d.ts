import type { ServiceAccount } from '@meshid/spiffe-id'
import {
  createKubernetesReviewer,
  type KubernetesTransport,
  type ReviewedAccount,
  TokenReviewError,
  type TokenReviewer,
} from '@meshid/token-review'
import { expectTypeOf, it } from 'vitest'

declare const transport: KubernetesTransport
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

it('gives records that cannot be changed', () => {
  // @ts-expect-error read only
  account.username = 'x'
  // @ts-expect-error read only
  account.groups.push('x')
})
