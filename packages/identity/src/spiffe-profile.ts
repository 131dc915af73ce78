import type { TrustDomain } from '@meshid/spiffe-id'
import type { IdentityError, IdentityErrorCode } from './errors.ts'
import type { Profile } from './profile.ts'
import type { StatusAnswer } from './status-of.ts'

/**
 * The default profile: a caller asks for the SPIFFE ID of its account, `spiffe://<trust-domain>/ns/<namespace>/sa/<name>`,
 * and gets a leaf with that one URI name. The names in its CSR are not looked at.
 */
export function spiffeProfile({ trustDomain }: { readonly trustDomain: TrustDomain }): Profile {
  return Object.freeze({ name: 'spiffe', names: Object.freeze({ spiffe: trustDomain }), answers: spiffeAnswers })
}

const itsMessage = (error: IdentityError): string => error.message

/** Statuses in gRPC's own sense: the request, the caller, the state of things, or the server. */
const spiffeAnswers = {
  IDENTITY_ISSUER_NOT_READY: { status: 'UNAVAILABLE', message: 'no issuer is ready yet' },
  IDENTITY_ISSUER_INVALID: { status: 'UNAVAILABLE', message: 'the issuer is not valid now' },
  IDENTITY_REVIEW_FAILED: { status: 'UNAVAILABLE', message: 'the token could not be reviewed' },
  IDENTITY_OVERLOADED: { status: 'RESOURCE_EXHAUSTED', message: itsMessage },
  IDENTITY_SIGNING_FAILED: { status: 'INTERNAL', message: 'the certificate could not be signed' },
  IDENTITY_INTERNAL: { status: 'INTERNAL', message: 'internal error' },
  IDENTITY_MISSING_IDENTITY: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_MISSING_TOKEN: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_MISSING_CSR: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_NAME_INVALID: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_INVALID: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_UNPROVEN: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_KEY_UNSUPPORTED: { status: 'INVALID_ARGUMENT', message: itsMessage },
  IDENTITY_CSR_MISMATCH: { status: 'FAILED_PRECONDITION', message: itsMessage },
  IDENTITY_TOKEN_INVALID: { status: 'UNAUTHENTICATED', message: itsMessage },
  IDENTITY_TOKEN_REJECTED: { status: 'UNAUTHENTICATED', message: itsMessage },
  IDENTITY_TOKEN_UNAUTHENTICATED: { status: 'UNAUTHENTICATED', message: itsMessage },
  IDENTITY_ACCOUNT_UNSUPPORTED: { status: 'FAILED_PRECONDITION', message: itsMessage },
  IDENTITY_MISMATCH: { status: 'FAILED_PRECONDITION', message: itsMessage },
} as const satisfies Record<IdentityErrorCode, StatusAnswer>
