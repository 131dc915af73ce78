import { SvidError, type SvidErrorCode } from './errors.ts'
import { checkVerifiedSvid, type VerifiedSvid } from './verified-svid.ts'

/** What an authorizer is told beside the SVID. */
export interface AuthorizeOptions {
  /** Aborts whatever the authorizer waits for. */
  readonly signal?: AbortSignal
}

/**
 * A rule about who is welcome: returns nothing when the SVID is, throws when it is not (see `refuseSvid`). What it returns
 * must be nothing, because a predicate that returns `false` would refuse nobody.
 */
export interface Authorizer {
  (svid: VerifiedSvid, options?: AuthorizeOptions): void | Promise<void>
  /** Whom it accepts, in words for messages. */
  readonly expected?: string
}

/** A rule that decides at once, as handshakes need it; an async function is none, because its answer would be lost. */
export interface SyncAuthorizer {
  (svid: VerifiedSvid, options?: AuthorizeOptions): undefined
  /** Whom it accepts, in words for messages. */
  readonly expected?: string
}

/** Codes by which an authorizer decides against an SVID, apart from those by which it fails. */
const refusals: ReadonlySet<SvidErrorCode> = new Set<SvidErrorCode>([
  'SVID_ID_MISMATCH',
  'SVID_ID_NOT_LISTED',
  'SVID_NOT_A_MEMBER',
  'SVID_PATH_MISMATCH',
  'SVID_NO_ALTERNATIVE',
  'SVID_EXCLUDED',
  'SVID_NOT_AUTHORIZED',
])

/** A refusal, or nothing when the SVID is welcome. */
export type Judgement = SvidError | undefined

/**
 * Asks an authorizer: gives back its refusal as a value, and throws when it failed to decide.
 *
 * @throws SvidError SVID_AUTHORIZER_FAILED
 */
export function judge(
  authorizer: Authorizer,
  svid: VerifiedSvid,
  options: AuthorizeOptions = {},
): Judgement | Promise<Judgement> {
  let answer: unknown
  try {
    answer = authorizer(svid, options)
  } catch (error) {
    return refusalIn(error, svid, options)
  }
  if (!isThenable(answer)) return checkAnswer(answer, svid)
  return Promise.resolve(answer).then(
    (value: unknown) => checkAnswer(value, svid),
    (error: unknown) => refusalIn(error, svid, options),
  )
}

/** Names an authorizer by whom it accepts, and lets nothing in that was not verified. */
export function createAuthorizer<Answer extends undefined | void | Promise<void>>(
  expected: string,
  authorize: (svid: VerifiedSvid, options: AuthorizeOptions) => Answer,
): ((svid: VerifiedSvid, options?: AuthorizeOptions) => Answer) & { readonly expected: string } {
  const authorizer = (svid: VerifiedSvid, options: AuthorizeOptions = {}): Answer => {
    checkVerifiedSvid(svid)
    return authorize(svid, options)
  }
  return Object.freeze(Object.assign(authorizer, { expected }))
}

/** The answer of an authorizer that should have thrown or returned nothing. */
function checkAnswer(answer: unknown, svid: VerifiedSvid): undefined {
  if (answer === undefined) return
  const message = `authorizer: expected it to return nothing or to throw, found that it returned a ${typeof answer}`
  throw new SvidError('SVID_AUTHORIZER_FAILED', message, {
    detail: { expected: 'nothing', found: `a ${typeof answer}`, spiffeId: svid.spiffeId.toString() },
  })
}

function refusalIn(error: unknown, svid: VerifiedSvid, { signal }: AuthorizeOptions): SvidError {
  if (error instanceof SvidError) {
    if (refusals.has(error.code)) return error
    throw error
  }
  if (signal?.aborted === true && error === signal.reason) throw error
  throw new SvidError('SVID_AUTHORIZER_FAILED', 'authorizer: expected a decision, found that it failed', {
    detail: { expected: 'a decision', found: 'a failure', spiffeId: svid.spiffeId.toString() },
    cause: error,
  })
}

/** Whether a value is a promise of any make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
