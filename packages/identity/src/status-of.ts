import type { IdentityError, IdentityErrorCode } from './errors.ts'

/** The names of the gRPC statuses that refusals use. */
export type StatusName =
  | 'FAILED_PRECONDITION'
  | 'INTERNAL'
  | 'INVALID_ARGUMENT'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAUTHENTICATED'
  | 'UNAVAILABLE'
  | 'UNKNOWN'

/** How one code is answered: a status, and a message for the caller, fixed or made of the error. */
export interface StatusAnswer {
  readonly status: StatusName
  readonly message: string | ((error: IdentityError) => string)
}

/** How every code is answered. */
export type StatusAnswers = Readonly<Record<IdentityErrorCode, StatusAnswer>>

/** What a refused caller gets on the wire. */
export interface RefusalStatus {
  readonly status: StatusName
  readonly message: string
  /** How long to wait before the next attempt, for google.rpc.RetryInfo; absent where nothing is known about it. */
  readonly retryAfterMs?: number
}

/** The gRPC status and message by which a profile answers a refusal; the message holds nothing that the caller may not see. */
export function statusOf(error: IdentityError, { answers }: { readonly answers: StatusAnswers }): RefusalStatus {
  const { status, message } = answers[error.code]
  const { retryAfterMs } = error.detail
  const text = typeof message === 'string' ? message : message(error)
  return { status, message: text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
