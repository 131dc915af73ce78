import type { IdentityError, IdentityErrorCode } from './errors.ts'

/** The names of the gRPC statuses that refusals use. */
export type StatusName =
  | 'FAILED_PRECONDITION'
  | 'INTERNAL'
  | 'INVALID_ARGUMENT'
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

/** The gRPC status and message by which a profile answers a refusal; the message holds nothing that the caller may not see. */
export function statusOf(
  error: IdentityError,
  { answers }: { readonly answers: StatusAnswers },
): { readonly status: StatusName; readonly message: string } {
  const { status, message } = answers[error.code]
  return { status, message: typeof message === 'string' ? message : message(error) }
}
