import { serviceAccount } from '@meshid/spiffe-id'
import {
  type ReviewedAccount,
  type ReviewEvent,
  type ReviewOptions,
  TokenReviewError,
  type TokenReviewErrorCode,
  type TokenReviewer,
} from '@meshid/token-review'

/** The account that the stub accepts every token for. */
export const web: ReviewedAccount = Object.freeze({
  serviceAccount: serviceAccount('emojivoto', 'web'),
  username: 'system:serviceaccount:emojivoto:web',
  groups: Object.freeze([]),
  audiences: Object.freeze(['identity.l5d.io']),
  podName: 'web-1',
  podUid: '5d5b1c3e-0000-4000-8000-000000000002',
  nodeName: 'node-1',
  credentialId: 'JTI=5d5b1c3e-0000-4000-8000-000000000004',
  extra: Object.freeze({}),
})

/** A reviewer whose answers are given, and which keeps what it was asked. */
export interface StubReviewer extends TokenReviewer {
  readonly tokens: string[]
  readonly options: ReviewOptions[]
}

/** Answers every token in the same way: with `web` unless told otherwise. */
export function stubReviewer(
  answer: (token: string, options: ReviewOptions) => Promise<ReviewedAccount> | ReviewedAccount = () => web,
): StubReviewer {
  const tokens: string[] = []
  const asked: ReviewOptions[] = []
  return {
    tokens,
    options: asked,
    review(token, options = {}) {
      const text = typeof token === 'string' ? token : new TextDecoder().decode(token)
      tokens.push(text)
      asked.push(options)
      return answer(text, options) as Promise<ReviewedAccount>
    },
  }
}

/** A reviewer that answers when the test says so. */
export interface HeldReviewer extends StubReviewer {
  /** Ends the oldest review that is still open. */
  accept(account?: ReviewedAccount): void
  refuse(error: unknown): void
}

/** Holds every review until it is told how it ends; an aborted one ends with its reason, as the real one does. */
export function heldReviewer(): HeldReviewer {
  const open: { resolve(account: ReviewedAccount): void; reject(error: unknown): void }[] = []
  const stub = stubReviewer(
    (_, { signal }) =>
      new Promise((resolve, reject) => {
        open.push({ resolve, reject })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
  )
  return {
    ...stub,
    accept: (account = web) => open.shift()?.resolve(account),
    refuse: (error) => open.shift()?.reject(error),
  }
}

/** A refusal of the stub. */
export function refusal(code: TokenReviewErrorCode, reason = 'because'): TokenReviewError {
  return new TokenReviewError(code, `token: ${reason}`, { detail: { reason } })
}

/** An observer that keeps what it is told. */
export interface KeptEvents {
  readonly events: readonly ReviewEvent[]
  readonly observer: (event: ReviewEvent) => void
  readonly types: () => readonly string[]
}

/** Makes such an observer. */
export function keepEvents(): KeptEvents {
  const events: ReviewEvent[] = []
  return { events, observer: (event) => void events.push(event), types: () => events.map(({ type }) => type) }
}
