import type { Logger } from '@meshid/example-operations'
import { type CertifyEvent, type CertifyObserver, IdentityError, type IdentityErrorCode } from '@meshid/identity'
import { issuedFields } from './audit/audit-fields.ts'
import { formatGoTime } from './go-time.ts'

type Issued = Extract<CertifyEvent, { readonly type: 'issued' }>
type Refused = Extract<CertifyEvent, { readonly type: 'refused' }>
type Line = readonly [level: 'debug' | 'info' | 'warn' | 'error', text: (refused: Refused) => string]

const invalidCsr: Line = ['debug', ({ reason }) => `requester sent invalid CSR: ${reason}`]
const invalidRequest: Line = ['debug', ({ reason }) => `requester sent invalid request: ${reason}`]
const invalidToken: Line = ['info', (refused) => `invalid token provided for ${refused.identity}: ${wordsOf(refused)}`]
const failed: Line = ['error', ({ identity, reason }) => `could not issue a certificate for ${identity}: ${reason}`]

/** How each refusal is logged: Linkerd's levels and words, and its silence made a debug line. */
const lines = {
  IDENTITY_ISSUER_NOT_READY: ['warn', () => 'Certificate issuer is not ready'],
  IDENTITY_ISSUER_INVALID: [
    'error',
    ({ identity, reason }) =>
      `could not process CSR because of CA cert validation failure: ${reason} - CSR Identity : ${identity}`,
  ],
  IDENTITY_MISSING_IDENTITY: invalidRequest,
  IDENTITY_MISSING_TOKEN: invalidRequest,
  IDENTITY_MISSING_CSR: invalidRequest,
  IDENTITY_NAME_INVALID: invalidRequest,
  IDENTITY_CSR_INVALID: invalidCsr,
  IDENTITY_CSR_UNPROVEN: invalidCsr,
  IDENTITY_CSR_KEY_UNSUPPORTED: invalidCsr,
  IDENTITY_CSR_MISMATCH: invalidCsr,
  IDENTITY_TOKEN_INVALID: invalidToken,
  IDENTITY_TOKEN_REJECTED: invalidToken,
  IDENTITY_ACCOUNT_UNSUPPORTED: invalidToken,
  IDENTITY_TOKEN_UNAUTHENTICATED: [
    'info',
    (refused) => `authentication failed for ${refused.identity}: ${wordsOf(refused)}`,
  ],
  IDENTITY_OVERLOADED: [
    'warn',
    (refused) => `too busy to validate a token for ${refused.identity}: ${wordsOf(refused)}`,
  ],
  IDENTITY_REVIEW_FAILED: ['error', (refused) => `error validating token for ${refused.identity}: ${wordsOf(refused)}`],
  IDENTITY_MISMATCH: ['info', mismatch],
  IDENTITY_SIGNING_FAILED: failed,
  IDENTITY_INTERNAL: failed,
} as const satisfies Record<IdentityErrorCode, Line>

/**
 * Makes an observer that logs what happens to certify requests, each refusal with its code. In JSON the line of a
 * certificate also says whose token it was; as plain text it is Linkerd's line and nothing else.
 */
export function logCertify(log: Logger, { format = 'plain' }: { readonly format?: string } = {}): CertifyObserver {
  return (event) => {
    const { identity } = event
    switch (event.type) {
      case 'validating':
        return log.debug(`Validating token for ${identity}`)
      case 'issued':
        return log.info(format === 'json' ? issuedFields(event) : {}, issuedText(event))
      case 'aborted':
        return log.debug(`requester gave up at the step ${event.step}: ${identity}`)
      case 'refused': {
        const [level, text] = lines[event.code]
        return log[level]({ code: event.code, cause_code: detailOf(event).causeCode }, text(event))
      }
    }
  }
}

/** Linkerd's words for a certificate that was issued; its log and its event have the same. */
export function issuedText({ identity, notAfter, fingerprint }: Issued): string {
  return `issued certificate for ${identity} until ${formatGoTime(notAfter)}: ${fingerprint}`
}

function detailOf({ error }: Refused): IdentityError['detail'] {
  return error instanceof IdentityError ? error.detail : {}
}

/** The words of the token's authority, where it had any. */
function wordsOf(refused: Refused): string {
  return detailOf(refused).reason ?? refused.reason
}

function mismatch(refused: Refused): string {
  const { requested = refused.identity, found } = detailOf(refused)
  return `requested identity did not match provided token: requested=${requested}; found=${found}`
}
