import { createLogger } from '@meshid/example-operations'
import { type CertifyEvent, IdentityError, type IdentityErrorCode, identityErrorCodes } from '@meshid/identity'
import { describe, expect, test } from 'vitest'
import { logCertify } from '../src/certify-log.ts'

const identity = 'spiffe://cluster.local/ns/emojivoto/sa/web'

function lineOf(event: CertifyEvent) {
  const lines: string[] = []
  logCertify(createLogger({ level: 'debug', format: 'json', write: (line) => void lines.push(line) }))(event)
  const { time: _, ...line } = JSON.parse(lines.join('')) as Record<string, unknown>
  return line
}

function refused(code: IdentityErrorCode, message: string, detail: IdentityError['detail'] = {}): CertifyEvent {
  const error = new IdentityError(code, message, { detail })
  return { type: 'refused', identity, code, step: 'review', reason: message, error, durations: {} }
}

describe('what Linkerd logs of a refusal (section 4 of its behaviour)', () => {
  test.each<[IdentityErrorCode, string, string]>([
    ['IDENTITY_ISSUER_NOT_READY', 'warning', 'Certificate issuer is not ready'],
    [
      'IDENTITY_ISSUER_INVALID',
      'error',
      `could not process CSR because of CA cert validation failure: why - CSR Identity : ${identity}`,
    ],
    ['IDENTITY_CSR_MISMATCH', 'debug', 'requester sent invalid CSR: why'],
    ['IDENTITY_TOKEN_UNAUTHENTICATED', 'info', `authentication failed for ${identity}: its words`],
    ['IDENTITY_TOKEN_REJECTED', 'info', `invalid token provided for ${identity}: its words`],
    ['IDENTITY_REVIEW_FAILED', 'error', `error validating token for ${identity}: its words`],
    ['IDENTITY_MISMATCH', 'info', `requested identity did not match provided token: requested=asked; found=proven`],
    ['IDENTITY_SIGNING_FAILED', 'error', `could not issue a certificate for ${identity}: why`],
  ])('%s: %s', (code, level, msg) => {
    const detail = { requested: 'asked', found: 'proven', reason: 'its words', causeCode: 'BELOW' }
    expect(lineOf(refused(code, 'why', detail))).toEqual({ level, msg, code, cause_code: 'BELOW' })
  })

  test('the reason stands in where the authority had no words', () => {
    expect(lineOf(refused('IDENTITY_TOKEN_REJECTED', 'why')).msg).toBe(`invalid token provided for ${identity}: why`)
  })

  test('every code has a line that carries it', () => {
    for (const code of Object.keys(identityErrorCodes)) {
      expect(lineOf(refused(code as IdentityErrorCode, 'why'))).toMatchObject({ code })
    }
  })

  test('a caller that gives up is no refusal', () => {
    const event: CertifyEvent = { type: 'aborted', identity, step: 'review', durations: {} }
    expect(lineOf(event)).toEqual({ level: 'debug', msg: `requester gave up at the step review: ${identity}` })
  })
})
