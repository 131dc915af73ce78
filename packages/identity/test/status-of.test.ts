import {
  dualProfile,
  IdentityError,
  type IdentityErrorCode,
  identityErrorCodes,
  linkerdProfile,
  spiffeProfile,
  statusOf,
} from '@meshid/identity'
import { expect, test } from 'vitest'
import { mesh, trustDomain } from './world.ts'

const codes = Object.keys(identityErrorCodes) as IdentityErrorCode[]
const profiles = [spiffeProfile({ trustDomain }), linkerdProfile(mesh), dualProfile(mesh)]

test.each(profiles)('$name answers every code with a status and a message', (profile) => {
  for (const code of codes) {
    const { status, message } = statusOf(new IdentityError(code, 'expected this, found that'), profile)
    expect(status).toMatch(/^[A-Z_]+$/)
    expect(message).not.toBe('')
  }
})

test('spiffe answers in the sense of gRPC', () => {
  const [profile] = profiles
  if (profile === undefined) throw new Error('no profile')
  const statuses = Object.fromEntries(
    codes.map((code) => [code, statusOf(new IdentityError(code, 'x'), profile).status]),
  )
  expect(statuses).toEqual({
    IDENTITY_ISSUER_NOT_READY: 'UNAVAILABLE',
    IDENTITY_ISSUER_INVALID: 'UNAVAILABLE',
    IDENTITY_REVIEW_FAILED: 'UNAVAILABLE',
    IDENTITY_OVERLOADED: 'RESOURCE_EXHAUSTED',
    IDENTITY_SIGNING_FAILED: 'INTERNAL',
    IDENTITY_INTERNAL: 'INTERNAL',
    IDENTITY_MISSING_IDENTITY: 'INVALID_ARGUMENT',
    IDENTITY_MISSING_TOKEN: 'INVALID_ARGUMENT',
    IDENTITY_MISSING_CSR: 'INVALID_ARGUMENT',
    IDENTITY_NAME_INVALID: 'INVALID_ARGUMENT',
    IDENTITY_CSR_INVALID: 'INVALID_ARGUMENT',
    IDENTITY_CSR_UNPROVEN: 'INVALID_ARGUMENT',
    IDENTITY_CSR_KEY_UNSUPPORTED: 'INVALID_ARGUMENT',
    IDENTITY_CSR_MISMATCH: 'FAILED_PRECONDITION',
    IDENTITY_TOKEN_INVALID: 'UNAUTHENTICATED',
    IDENTITY_TOKEN_REJECTED: 'UNAUTHENTICATED',
    IDENTITY_TOKEN_UNAUTHENTICATED: 'UNAUTHENTICATED',
    IDENTITY_ACCOUNT_UNSUPPORTED: 'FAILED_PRECONDITION',
    IDENTITY_MISMATCH: 'FAILED_PRECONDITION',
  })
})

test.each(profiles)('$name passes on how long to wait, where that is known (Q30)', (profile) => {
  const overloaded = new IdentityError('IDENTITY_OVERLOADED', 'queue: full', { detail: { retryAfterMs: 1500 } })
  expect(statusOf(overloaded, profile)).toEqual({
    status: 'RESOURCE_EXHAUSTED',
    message: 'queue: full',
    retryAfterMs: 1500,
  })
  const failed = new IdentityError('IDENTITY_REVIEW_FAILED', 'failed', { detail: { retryAfterMs: 0 } })
  expect(statusOf(failed, profile)).toMatchObject({ retryAfterMs: 0 })
  expect(statusOf(new IdentityError('IDENTITY_MISMATCH', 'm'), profile)).not.toHaveProperty('retryAfterMs')
})

test.each(profiles)('$name never sends the words of a fault of its own', (profile) => {
  const secret = new Error('secret')
  const internal = new IdentityError('IDENTITY_INTERNAL', 'secret', { cause: secret })
  expect(statusOf(internal, profile).message).toBe('internal error')
})

test('an error has a frozen detail, a code and its cause', () => {
  const cause = new Error('below')
  const error = new IdentityError('IDENTITY_MISMATCH', 'm', { detail: { found: 'x' }, cause })
  expect(error).toMatchObject({ name: 'IdentityError', code: 'IDENTITY_MISMATCH', message: 'm', cause })
  expect(Object.isFrozen(error.detail)).toBe(true)
  expect('cause' in new IdentityError('IDENTITY_MISMATCH', 'm')).toBe(false)
})
