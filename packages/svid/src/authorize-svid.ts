import { type AuthorizeOptions, type Authorizer, isThenable, judge, type SyncAuthorizer } from './authorizer.ts'
import { checkVerifiedSvid, type VerifiedSvid } from './verified-svid.ts'

/**
 * Asks an authorizer whether a verified SVID is welcome: resolves with nothing when it is.
 *
 * @throws SvidError the refusal of the authorizer, or SVID_AUTHORIZER_FAILED when it did not decide
 * @throws the reason of `signal` when that aborts first
 * @see SPIFFE rule X509-37
 */
export async function authorizeSvid(
  svid: VerifiedSvid,
  authorizer: Authorizer,
  options: AuthorizeOptions = {},
): Promise<void> {
  checkVerifiedSvid(svid)
  options.signal?.throwIfAborted()
  const refusal = await unlessAborted(judge(authorizer, svid, options), options.signal)
  if (refusal !== undefined) throw refusal
}

/**
 * Asks an authorizer that decides at once, for handshakes that cannot wait.
 *
 * @throws SvidError the refusal of the authorizer, or SVID_AUTHORIZER_FAILED when it did not decide
 * @throws TypeError when the authorizer is asynchronous after all
 * @see SPIFFE rule X509-37
 */
export function authorizeSvidSync(svid: VerifiedSvid, authorizer: SyncAuthorizer): void {
  checkVerifiedSvid(svid)
  const judgement = judge(authorizer, svid)
  if (isThenable(judgement)) {
    judgement.then(undefined, () => {})
    throw new TypeError('authorizer: expected one that decides at once, found a promise')
  }
  if (judgement !== undefined) throw judgement
}

/** Whoever waits is free when the signal aborts, even if the authorizer does not listen to it. */
async function unlessAborted<T>(value: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return value
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
  })
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([value, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
