import type { IssuedCertificate, Issuer } from '@meshid/certificate'
import { IdentityError } from './errors.ts'
import type { IssuerHolder } from './issuer-holder.ts'

/**
 * Takes the issuer that this request will be signed by.
 *
 * @throws IdentityError IDENTITY_ISSUER_NOT_READY
 */
export function currentIssuer(holder: Pick<IssuerHolder, 'current'>): Issuer {
  const { current } = holder
  if (current !== undefined) return current
  throw new IdentityError('IDENTITY_ISSUER_NOT_READY', 'issuer: expected one, found none yet')
}

/**
 * Checks that the issuer's path is valid now, so that no authority is asked in vain.
 *
 * @throws IdentityError IDENTITY_ISSUER_INVALID
 */
export function checkIssuer(issuer: Issuer, now: Date): void {
  const { notBefore } = issuer.certificate
  const { notAfter } = issuer
  const at = now.getTime()
  if (at >= notBefore.getTime() && at <= notAfter.getTime()) return
  const detail = { now: now.toISOString(), notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() }
  const message = `issuer: expected one that is valid at ${detail.now}, found ${detail.notBefore} to ${detail.notAfter}`
  throw new IdentityError('IDENTITY_ISSUER_INVALID', message, { detail })
}

/**
 * Checks that an issuer gave back a certificate at all; Linkerd's controller ends its process when not (Q50).
 *
 * @throws IdentityError IDENTITY_SIGNING_FAILED
 */
export function checkIssued({ der }: Pick<IssuedCertificate, 'der'>): void {
  if (der.length > 0) return
  throw new IdentityError('IDENTITY_SIGNING_FAILED', 'issuer: expected a certificate, found no bytes')
}
