import { SvidError, type SvidErrorCode } from './errors.ts'
import { checkVerifiedSvid, type VerifiedSvid } from './verified-svid.ts'

/** What {@link refuseSvid} tells. */
export interface RefuseSvidOptions {
  /** Who would have been accepted, in a few words. */
  readonly expected: string
  /** What was found instead; the SPIFFE ID by default. */
  readonly found?: string
  /** The error below this one, such as the answer of a policy service. */
  readonly cause?: unknown
}

/**
 * Refuses a verified SVID, from within an authorizer of one's own.
 *
 * @throws SvidError SVID_NOT_AUTHORIZED, always
 */
export function refuseSvid(svid: VerifiedSvid, options: RefuseSvidOptions): never {
  checkVerifiedSvid(svid)
  throw refusalOf('SVID_NOT_AUTHORIZED', svid, options)
}

/** A refusal with its evidence. */
export function refusalOf(
  code: SvidErrorCode,
  { spiffeId }: VerifiedSvid,
  { expected, found = spiffeId.toString(), ...more }: RefuseSvidOptions & { readonly refusals?: readonly string[] },
): SvidError {
  const { refusals, ...rest } = more
  return new SvidError(code, `svid: expected ${expected}, found ${found}`, {
    detail: { expected, found, spiffeId: spiffeId.toString(), ...(refusals === undefined ? {} : { refusals }) },
    ...('cause' in rest ? { cause: rest.cause } : {}),
  })
}
