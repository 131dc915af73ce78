import type { CertifyRequest } from './certify-request.ts'
import { IdentityError } from './errors.ts'

/**
 * Checks that no field of a request is empty, in the order of Linkerd's controller.
 *
 * @throws IdentityError IDENTITY_MISSING_IDENTITY, IDENTITY_MISSING_TOKEN, IDENTITY_MISSING_CSR
 */
export function checkPresent({ identity, token, csr }: CertifyRequest): void {
  if (identity === '') throw new IdentityError('IDENTITY_MISSING_IDENTITY', 'missing identity')
  if (token.length === 0) throw new IdentityError('IDENTITY_MISSING_TOKEN', 'missing token')
  if (csr.length === 0) throw new IdentityError('IDENTITY_MISSING_CSR', 'missing certificate signing request')
}
