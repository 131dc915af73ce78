/** Every code of {@link RefreshError}: what it means and what to do next. */
export const refreshErrorCodes = {
  REFRESH_ALREADY_EXPIRED:
    'The renewed value had expired when it arrived; compare the clocks of both sides and the lifetime that the issuer grants.',
  REFRESH_CLOSED: 'The refresher was disposed, which also ends the renewal in flight; create a new one to go on.',
  REFRESH_SCHEDULE_INVALID:
    'The schedule returned something other than a delay of zero or more milliseconds that ends at a real date; correct the schedule.',
  REFRESH_TIMEOUT:
    'The renewal did not end before its deadline; look at the connection to whoever renews, or raise renewTimeoutMs.',
  REFRESH_VALIDITY_INVALID:
    'validityOf gave no pair of real dates with notBefore before notAfter; correct validityOf or refuse the value in renew.',
} as const

/** A stable name for each way in which a refresh can fail. */
export type RefreshErrorCode = keyof typeof refreshErrorCodes

/** What was expected and found; never holds the value that was renewed. */
export interface RefreshErrorDetail {
  readonly expected?: string
  readonly found?: string
  /** In milliseconds. */
  readonly limit?: number
}

/** An error of this package; whatever `renew` itself throws is passed on as it is. */
export class RefreshError extends Error {
  override readonly name = 'RefreshError'
  readonly code: RefreshErrorCode
  readonly detail: RefreshErrorDetail

  constructor(
    code: RefreshErrorCode,
    message: string,
    options: { readonly detail?: RefreshErrorDetail; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
