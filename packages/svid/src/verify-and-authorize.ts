import { authorizeSvid, authorizeSvidSync } from './authorize-svid.ts'
import type { AuthorizeOptions, Authorizer, SyncAuthorizer } from './authorizer.ts'
import type { VerifiedSvid } from './verified-svid.ts'
import { verifySvid, type VerifySvidInput, type VerifySvidOptions } from './verify-svid.ts'

/** Options of {@link verifyAndAuthorize}. */
export interface VerifyAndAuthorizeOptions extends VerifySvidOptions, AuthorizeOptions {}

/**
 * Verifies an X.509-SVID and asks an authorizer whether it is welcome; there is no default for the second (X509-37).
 *
 * @throws SvidError those of `verifySvid` and `authorizeSvid`
 */
export async function verifyAndAuthorize(
  input: VerifySvidInput,
  authorizer: Authorizer,
  options: VerifyAndAuthorizeOptions,
): Promise<VerifiedSvid> {
  const svid = verifySvid(input, options)
  await authorizeSvid(svid, authorizer, options)
  return svid
}

/**
 * The same at once, for handshakes that cannot wait.
 *
 * @throws SvidError those of `verifySvid` and `authorizeSvidSync`
 */
export function verifyAndAuthorizeSync(
  input: VerifySvidInput,
  authorizer: SyncAuthorizer,
  options: VerifySvidOptions,
): VerifiedSvid {
  const svid = verifySvid(input, options)
  authorizeSvidSync(svid, authorizer)
  return svid
}
