import { inspect } from 'node:util'
import {
  dualProfile,
  type IdentityError,
  type IdentityErrorCode,
  identityErrorCodes,
  linkerdProfile,
  spiffeProfile,
  statusOf,
} from '@meshid/identity'
import { serviceAccount } from '@meshid/spiffe-id'
import { TokenReviewError, type TokenReviewErrorCode, tokenReviewErrorCodes } from '@meshid/token-review'
import { describe, expect, test } from 'vitest'
import { dnsName, flipSignatureBit, forgeCsr, uri } from '../forge-csr.ts'
import {
  accountOf,
  bytes,
  createWorld,
  mesh,
  newIssuer,
  now,
  refusalOf,
  trustDomain,
  webLinkerdName as name,
  webSpiffeId,
  workloadSigner as signer,
  type World,
  type WorldOptions,
} from '../world.ts'

/** A token of each kind: one as Kubernetes makes them, and one that nothing gives away. */
const tokens = {
  'a JSON web token': `eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.${'eyJhdWQiOlsiaWRlbnRpdHkubDVkLmlvIl19'.repeat(20)}.c2ln`,
  'an opaque token': `s3cr3t-0f-no-known-form-${'0123456789abcdef'.repeat(40)}`,
}
const profiles = [spiffeProfile({ trustDomain }), linkerdProfile(mesh), dualProfile(mesh)]
const profile = dualProfile(mesh)
const good = { identity: name, csr: forgeCsr({ signer, names: [dnsName(name)] }) }

interface Refusal {
  readonly of: string
  readonly code: IdentityErrorCode
  readonly request?: (token: string) => Partial<typeof good> & { readonly token?: Uint8Array }
  readonly world?: (token: string) => Partial<WorldOptions> | Promise<Partial<WorldOptions>>
}

const csrNaming = (names: readonly Uint8Array[], commonName = 'x') => forgeCsr({ signer, commonName, names })

/** A reviewer that says too much, as a careless one would. */
const talkative = (error: (token: string) => Error) => (token: string) => ({
  answers: { [token]: () => Promise.reject(error(token)) },
})

const reviews = Object.keys(tokenReviewErrorCodes).map((causeCode): Refusal => {
  const code = causeCode as TokenReviewErrorCode
  return {
    of: `a careless reviewer: ${code}`,
    code: reviewOutcomes(code),
    world: talkative((token) => {
      const detail = { reason: `no good: ${token}`, found: `system:${token}`, retryAfterMs: 5 }
      return new TokenReviewError(code, `token ${token}: refused`, { detail, cause: new Error(`POST ${token}`) })
    }),
  }
})

function reviewOutcomes(code: TokenReviewErrorCode): IdentityErrorCode {
  if (code === 'TOKEN_REVIEW_TOKEN_INVALID') return 'IDENTITY_TOKEN_INVALID'
  if (code === 'TOKEN_REVIEW_USERNAME_INVALID') return 'IDENTITY_ACCOUNT_UNSUPPORTED'
  if (/REJECTED|WRONG_AUDIENCE/.test(code)) return 'IDENTITY_TOKEN_REJECTED'
  if (/_UNPROVEN|REVIEW_UNAUTHENTICATED/.test(code)) return 'IDENTITY_TOKEN_UNAUTHENTICATED'
  return /QUEUE_FULL|RATE_LIMITED/.test(code) ? 'IDENTITY_OVERLOADED' : 'IDENTITY_REVIEW_FAILED'
}

const signing = (error: (token: string) => Error) => async (token: string) => {
  const { certificate, chain, notAfter } = await newIssuer()
  return { issuer: { certificate, chain, notAfter, issue: () => Promise.reject(error(token)) } }
}

const refusals: readonly Refusal[] = [
  {
    of: 'no issuer, and the token as identity',
    code: 'IDENTITY_ISSUER_NOT_READY',
    world: () => ({ issuer: undefined }),
  },
  { of: 'no identity', code: 'IDENTITY_MISSING_IDENTITY', request: () => ({ identity: '' }) },
  { of: 'no token', code: 'IDENTITY_MISSING_TOKEN', request: () => ({ token: new Uint8Array() }) },
  { of: 'no CSR', code: 'IDENTITY_MISSING_CSR', request: (identity) => ({ identity, csr: new Uint8Array() }) },
  { of: 'the token as identity', code: 'IDENTITY_NAME_INVALID', request: (identity) => ({ identity }) },
  { of: 'the token as CSR', code: 'IDENTITY_CSR_INVALID', request: (token) => ({ csr: bytes(token) }) },
  {
    of: 'the token in a CSR with a bad signature',
    code: 'IDENTITY_CSR_UNPROVEN',
    request: (token) => ({ csr: flipSignatureBit(csrNaming([dnsName(token)])) }),
  },
  { of: 'the token as DNS name', code: 'IDENTITY_CSR_MISMATCH', request: (t) => ({ csr: csrNaming([dnsName(t)]) }) },
  {
    of: 'the token as common name',
    code: 'IDENTITY_CSR_MISMATCH',
    request: (token) => ({ csr: csrNaming([dnsName(name)], token) }),
  },
  {
    of: 'the token as URI',
    code: 'IDENTITY_CSR_MISMATCH',
    request: (token) => ({ csr: forgeCsr({ signer, names: [dnsName(name), uri(token)] }) }),
  },
  {
    of: 'the token in a SPIFFE ID that is well-formed',
    code: 'IDENTITY_MISMATCH',
    request: (token) => ({ identity: `${webSpiffeId}/${token}` }),
  },
  ...reviews,
  { of: 'a reviewer that throws', code: 'IDENTITY_REVIEW_FAILED', world: talkative((token) => new Error(token)) },
  {
    of: 'an account without a name here',
    code: 'IDENTITY_ACCOUNT_UNSUPPORTED',
    world: (token) => {
      const long = serviceAccount('emojivoto', 'a'.repeat(80))
      return { answers: { [token]: accountOf(long.username, long) } }
    },
  },
  {
    of: 'an issuer out of its time',
    code: 'IDENTITY_ISSUER_INVALID',
    world: () => ({ clock: { now: () => new Date(now.getTime() + 40 * 365 * 86_400_000) } }),
  },
  {
    of: 'a signer that throws',
    code: 'IDENTITY_SIGNING_FAILED',
    world: signing((token) => Object.assign(new Error('HSM'), { request: { headers: [`Bearer ${token}`] } })),
  },
  {
    of: 'a clock that is broken',
    code: 'IDENTITY_INTERNAL',
    world: () => ({ clock: { now: () => new Date(Number.NaN) } }),
  },
]

/** All that anybody could log of it: every property, every cause, the stack. */
const everything = (value: unknown): string =>
  inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null })

const partsOf = (token: string): readonly string[] => [token.slice(0, 40), token.slice(40, 100), token.slice(-40)]

function leaks(token: string, world: World, error: IdentityError): readonly string[] {
  const said = [
    everything(error),
    String(error.stack),
    JSON.stringify(error),
    everything(world.events),
    ...profiles.map((answering) => everything(statusOf(error, answering))),
  ]
  return said.filter((text) => partsOf(token).some((part) => text.includes(part)))
}

describe.each(Object.entries(tokens))('%s is in no error, event or message (must-show 6)', (_kind, token) => {
  test.each(refusals)('$of: $code', async ({ code, request, world: parts }) => {
    const answers = { [token]: accountOf('system:serviceaccount:emojivoto:web') }
    const world = await createWorld({ profile, answers, ...(await parts?.(token)) })
    const error = await refusalOf(world.certifier.certify({ ...good, token: bytes(token), ...request?.(token) }))
    expect(error.code).toBe(code)
    expect(leaks(token, world, error)).toEqual([])
  })

  test('nor in what is told of a certificate, or of a caller that gives up', async () => {
    const world = await createWorld({ profile, answers: { [token]: accountOf('system:serviceaccount:emojivoto:web') } })
    await world.certifier.certify({ ...good, token: bytes(token) })
    const identity = `${webSpiffeId}/${token}`
    const gone = AbortSignal.abort('gone')
    await expect(world.certifier.certify({ ...good, identity, token: bytes(token) }, { signal: gone })).rejects.toBe(
      'gone',
    )
    expect(world.events.map(({ type }) => type)).toEqual(['validating', 'issued', 'aborted'])
    expect(partsOf(token).filter((part) => everything(world.events).includes(part))).toEqual([])
  })
})

test('a JSON web token is none where it should be a name, although the request has no token to compare it with', async () => {
  const token = tokens['a JSON web token']
  const world = await createWorld({ profile })
  const request = { ...good, identity: token, token: new Uint8Array() }
  expect(leaks(token, world, await refusalOf(world.certifier.certify(request)))).toEqual([])
})

test('every code of the package is here', () => {
  const tried = new Set(refusals.map(({ code }) => code))
  const notTried = Object.keys(identityErrorCodes).filter((code) => !tried.has(code as IdentityErrorCode))
  expect(notTried).toEqual(['IDENTITY_CSR_KEY_UNSUPPORTED'])
})

test('the check can fail: a token that is in no request is found', async () => {
  const token = tokens['an opaque token']
  const world = await createWorld({ profile })
  const error = await refusalOf(world.certifier.certify({ ...good, identity: token, token: bytes('another') }))
  expect(leaks(token, world, error).length).toBeGreaterThan(0)
})

test('a cause that says nothing of the token is kept, and so is the error itself', async () => {
  const cause = new TokenReviewError('TOKEN_REVIEW_REJECTED', 'refused', { detail: { reason: 'expired' } })
  const token = tokens['a JSON web token']
  const world = await createWorld({ profile, answers: { [token]: () => Promise.reject(cause) } })
  const error = await refusalOf(world.certifier.certify({ ...good, token: bytes(token) }))
  expect(error.cause).toBe(cause)
})
