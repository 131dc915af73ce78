import type { IssuedCertificate, IssueRequest } from '@meshid/certificate'
import { buildCsr } from '@meshid/csr'
import { dualProfile, type IdentityErrorCode, linkerdProfile, statusOf } from '@meshid/identity'
import { createNobleSigner, generatePrivateKey } from '@meshid/keys'
import { serviceAccount } from '@meshid/spiffe-id'
import { TokenReviewError } from '@meshid/token-review'
import { describe, expect, test } from 'vitest'
import { dnsName, emailAddress, flipSignatureBit, forgeCsr, ipAddress, uri } from './forge-csr.ts'
import {
  accountOf,
  bytes,
  createWorld,
  mesh,
  newIssuer,
  now,
  refusalOf,
  webLinkerdName as name,
  workloadSigner as signer,
  type WorldOptions,
} from './world.ts'

const profile = linkerdProfile(mesh)
const good = {
  identity: name,
  token: bytes('web'),
  csr: forgeCsr({ signer, commonName: name, names: [dnsName(name)] }),
}
const csrOf = (names: readonly Uint8Array[], commonName?: string) =>
  forgeCsr({ signer, names, ...(commonName === undefined ? {} : { commonName }) })
const dns = dnsName(name)
const throwing = (error: Error) => ({ web: () => Promise.reject(error) })
const reviewError = (code: ConstructorParameters<typeof TokenReviewError>[0], message: string, detail = {}) =>
  throwing(new TokenReviewError(code, message, { detail }))

/** The same certificate, but its bytes are gone. */
const withoutBytes = (issued: IssuedCertificate): IssuedCertificate =>
  new Proxy(issued, { get: (target, key) => (key === 'der' ? new Uint8Array() : Reflect.get(target, key, target)) })

interface Row {
  readonly row: string
  readonly request?: Partial<typeof good>
  readonly world?: Partial<WorldOptions>
  readonly code: IdentityErrorCode
  readonly status: string
  readonly message: string | RegExp
  /** Whether the token may have been put before its authority. */
  readonly reviewed?: boolean
}

/** linkerd-behaviour.md section 4, row by row; a row that cannot be told from another by the wire says so. */
const table: readonly Row[] = [
  {
    row: '1 no issuer',
    request: { identity: '', token: bytes(''), csr: bytes('') },
    world: { issuer: undefined },
    code: 'IDENTITY_ISSUER_NOT_READY',
    status: 'UNAVAILABLE',
    message: 'cert issuer not ready yet',
  },
  {
    row: '2a no identity',
    request: { identity: '', token: bytes(''), csr: bytes('') },
    code: 'IDENTITY_MISSING_IDENTITY',
    status: 'INVALID_ARGUMENT',
    message: 'missing identity',
  },
  {
    row: '2b no token',
    request: { token: bytes(''), csr: bytes('') },
    code: 'IDENTITY_MISSING_TOKEN',
    status: 'INVALID_ARGUMENT',
    message: 'missing token',
  },
  {
    row: '2c no CSR',
    request: { csr: bytes('') },
    code: 'IDENTITY_MISSING_CSR',
    status: 'INVALID_ARGUMENT',
    message: 'missing certificate signing request',
  },
  {
    row: '2d CSR that does not parse',
    request: { csr: bytes('not DER') },
    code: 'IDENTITY_CSR_INVALID',
    status: 'INVALID_ARGUMENT',
    message: /./,
  },
  {
    row: '2d CSR with trailing data',
    request: { csr: Uint8Array.of(...good.csr, 0) },
    code: 'IDENTITY_CSR_INVALID',
    status: 'INVALID_ARGUMENT',
    message: /./,
  },
  {
    row: '2d+ CSR that proves nothing (Q1, not checked by Linkerd)',
    request: { csr: flipSignatureBit(good.csr) },
    code: 'IDENTITY_CSR_UNPROVEN',
    status: 'INVALID_ARGUMENT',
    message: /./,
  },
  {
    row: '4a no DNS name',
    request: { csr: csrOf([], name) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'CSR must have exactly one DNSName',
  },
  {
    row: '4a two DNS names',
    request: { csr: csrOf([dns, dnsName('other.example')]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'CSR must have exactly one DNSName',
  },
  {
    row: '4b another DNS name',
    request: { csr: csrOf([dnsName('other.example')]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: `CSR name does not match requested identity: csr=other.example; req=${name}`,
  },
  {
    row: '4c another CommonName',
    request: { csr: csrOf([dns], 'admin') },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'invalid CommonName: admin',
  },
  {
    row: '4d e-mail address',
    request: { csr: csrOf([dns, emailAddress('a@example.org')]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'cannot validate email addresses',
  },
  {
    row: '4e IP address',
    request: { csr: csrOf([dns, ipAddress(10, 0, 0, 1)]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'cannot validate IP addresses',
  },
  {
    row: '4f URI',
    request: { csr: csrOf([dns, uri('spiffe://cluster.local/ns/emojivoto/sa/web')]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'cannot validate URIs',
  },
  {
    row: '4a before 4c to 4f',
    request: { csr: csrOf([emailAddress('a@b'), ipAddress(10, 0, 0, 1), uri('a:b')], 'admin') },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'CSR must have exactly one DNSName',
  },
  {
    row: '4c before 4d before 4e before 4f',
    request: { csr: csrOf([dns, emailAddress('a@b'), ipAddress(10, 0, 0, 1), uri('a:b')], 'admin') },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'invalid CommonName: admin',
  },
  {
    row: '4d before 4e before 4f',
    request: { csr: csrOf([dns, uri('a:b'), ipAddress(10, 0, 0, 1), emailAddress('a@b')]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'cannot validate email addresses',
  },
  {
    row: '4e before 4f',
    request: { csr: csrOf([dns, uri('a:b'), ipAddress(10, 0, 0, 1)]) },
    code: 'IDENTITY_CSR_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message: 'cannot validate IP addresses',
  },
  {
    row: '5a not authenticated',
    request: { token: bytes('stranger') },
    code: 'IDENTITY_TOKEN_UNAUTHENTICATED',
    status: 'FAILED_PRECONDITION',
    message: 'authentication token could not be authenticated',
    reviewed: true,
  },
  {
    row: '5b refused with a reason',
    world: {
      answers: reviewError('TOKEN_REVIEW_REJECTED', 'token: expected to be accepted, found expired', {
        reason: '[invalid bearer token, service account token has expired]',
      }),
    },
    code: 'IDENTITY_TOKEN_REJECTED',
    status: 'INVALID_ARGUMENT',
    message: '[invalid bearer token, service account token has expired]',
    reviewed: true,
  },
  {
    row: '5b refused for its audience',
    world: {
      answers: reviewError('TOKEN_REVIEW_WRONG_AUDIENCE', 'audience', {
        reason: 'token audiences ["a"] is invalid for the target audiences ["identity.l5d.io"]',
      }),
    },
    code: 'IDENTITY_TOKEN_REJECTED',
    status: 'INVALID_ARGUMENT',
    message: 'token audiences ["a"] is invalid for the target audiences ["identity.l5d.io"]',
    reviewed: true,
  },
  {
    row: '5b user name that is no service account',
    world: { answers: reviewError('TOKEN_REVIEW_USERNAME_INVALID', 'user', { found: 'kubernetes-admin' }) },
    code: 'IDENTITY_ACCOUNT_UNSUPPORTED',
    status: 'INVALID_ARGUMENT',
    message: 'Username must be in form system:TYPE:NS:SA: kubernetes-admin',
    reviewed: true,
  },
  {
    row: '5b user name with a part that is no label',
    world: {
      answers: reviewError('TOKEN_REVIEW_USERNAME_INVALID', 'user', { found: 'system:serviceaccount:UPPER:web' }),
    },
    code: 'IDENTITY_ACCOUNT_UNSUPPORTED',
    status: 'INVALID_ARGUMENT',
    message: 'Not a label: UPPER',
    reviewed: true,
  },
  {
    row: '5b user name of another type (Q27, accepted by Linkerd)',
    world: {
      answers: reviewError('TOKEN_REVIEW_USERNAME_INVALID', 'not a service account', { found: 'system:node:a:b' }),
    },
    code: 'IDENTITY_ACCOUNT_UNSUPPORTED',
    status: 'INVALID_ARGUMENT',
    message: 'not a service account',
    reviewed: true,
  },
  {
    row: '5b account with dots (Q28)',
    world: { answers: { web: accountOf('system:serviceaccount:emojivoto:a.b', serviceAccount('emojivoto', 'a.b')) } },
    code: 'IDENTITY_ACCOUNT_UNSUPPORTED',
    status: 'INVALID_ARGUMENT',
    message: 'Not a label: a.b',
    reviewed: true,
  },
  {
    row: '5b audience not proven (Q25, accepted by Linkerd)',
    world: { answers: reviewError('TOKEN_REVIEW_AUDIENCE_UNPROVEN', 'audience') },
    code: 'IDENTITY_TOKEN_UNAUTHENTICATED',
    status: 'FAILED_PRECONDITION',
    message: 'authentication token could not be authenticated',
    reviewed: true,
  },
  {
    row: '5c API server out of reach',
    world: { answers: reviewError('TOKEN_REVIEW_UNREACHABLE', 'API server: connect ECONNREFUSED') },
    code: 'IDENTITY_REVIEW_FAILED',
    status: 'INTERNAL',
    message: `error validating token for ${name}: API server: connect ECONNREFUSED`,
    reviewed: true,
  },
  {
    row: '5c+ too many reviews wait (Q30, Q31; Linkerd waits in line for ever)',
    world: { answers: reviewError('TOKEN_REVIEW_QUEUE_FULL', 'queue: full', { retryAfterMs: 1500 }) },
    code: 'IDENTITY_OVERLOADED',
    status: 'RESOURCE_EXHAUSTED',
    message: 'queue: full',
    reviewed: true,
  },
  {
    row: '5c anything else, whose words are not passed on',
    world: { answers: throwing(new Error('secret')) },
    code: 'IDENTITY_REVIEW_FAILED',
    status: 'INTERNAL',
    message: `error validating token for ${name}: unknown`,
    reviewed: true,
  },
  {
    row: '6 the name of another account',
    world: { answers: { web: accountOf('system:serviceaccount:emojivoto:vote', serviceAccount('emojivoto', 'vote')) } },
    code: 'IDENTITY_MISMATCH',
    status: 'FAILED_PRECONDITION',
    message:
      `requested identity did not match provided token: requested=${name}; ` +
      'found=vote.emojivoto.serviceaccount.identity.linkerd.cluster.local',
    reviewed: true,
  },
]

describe('the linkerd profile answers as Linkerd does (section 4)', () => {
  test.each(table)('$row: $status', async ({ request, world: parts, code, status, message, reviewed = false }) => {
    const world = await createWorld({ profile, ...parts })
    const error = await refusalOf(world.certifier.certify({ ...good, ...request }))
    expect(error.code).toBe(code)
    const answer = statusOf(error, profile)
    expect(answer.status).toBe(status)
    if (typeof message === 'string') expect(answer.message).toBe(message)
    else expect(answer.message).toMatch(message)
    expect(world.reviewed.length > 0).toBe(reviewed)
    expect(world.events.at(-1)).toMatchObject({ type: 'refused', code, error })
  })

  test.each([
    ['UNAVAILABLE', undefined],
    ['UNAVAILABLE', 'unavailable'],
    ['UNKNOWN', 'unknown'],
  ] as const)('3 issuer out of its time (Q6): %s for %j, before any review', async (status, issuerInvalidStatus) => {
    const issuer = await newIssuer({ lifetimeMs: 3_600_000 })
    const clock = { now: () => new Date('2026-11-21T13:30:00.5Z') }
    const chosen = linkerdProfile(mesh, { issuerInvalidStatus })
    const world = await createWorld({ profile: chosen, issuer, clock })
    const error = await refusalOf(world.certifier.certify({ ...good, csr: csrOf([]) }))
    expect(error.code).toBe('IDENTITY_ISSUER_INVALID')
    expect(statusOf(error, chosen)).toEqual({
      status,
      message:
        'x509: certificate has expired or is not yet valid: current time 2026-11-21T13:30:00Z is after 2026-11-21T13:00:00Z' +
        ' - Current Time : 2026-11-21 13:30:00 +0000 UTC' +
        ' - Invalid before 2026-11-21 11:59:50 +0000 UTC - Invalid After 2026-11-21 13:00:00 +0000 UTC',
    })
    expect(world.reviewed).toEqual([])
  })

  test('an issuerInvalidStatus that is none is a bug of the caller', () => {
    for (const create of [linkerdProfile, dualProfile]) {
      expect(() => Reflect.apply(create, undefined, [mesh, { issuerInvalidStatus: 'ok' }])).toThrow(RangeError)
    }
  })

  test('3 issuer before its time', async () => {
    const clock = { now: () => new Date('2026-11-21T11:00:00Z') }
    const world = await createWorld({ profile, clock })
    const error = await refusalOf(world.certifier.certify(good))
    expect(statusOf(error, profile).message).toMatch(/current time 2026-11-21T11:00:00Z is before 2026-11-21T11:59:50Z/)
  })

  test('7 signing fails: INTERNAL', async () => {
    const issuer = await newIssuer()
    const broken = { ...issuer, issue: () => Promise.reject(new Error('HSM gone')) }
    const world = await createWorld({
      profile,
      issuer: { ...broken, certificate: issuer.certificate, notAfter: issuer.notAfter, chain: [] },
    })
    const error = await refusalOf(world.certifier.certify(good))
    expect(error.code).toBe('IDENTITY_SIGNING_FAILED')
    expect(statusOf(error, profile)).toMatchObject({
      status: 'INTERNAL',
      message: expect.not.stringContaining('HSM') as unknown,
    })
    expect(error.cause).toMatchObject({ message: 'HSM gone' })
  })

  test('7 an issuer without bytes (Q50): INTERNAL, where Linkerd ends its process', async () => {
    const issuer = await newIssuer()
    const { certificate, chain, notAfter } = issuer
    const issue = async (request: IssueRequest) => withoutBytes(await issuer.issue(request))
    const world = await createWorld({ profile, issuer: { certificate, chain, notAfter, issue } })
    const error = await refusalOf(world.certifier.certify(good))
    expect(error.code).toBe('IDENTITY_SIGNING_FAILED')
    expect(statusOf(error, profile)).toEqual({
      status: 'INTERNAL',
      message: 'issuer: expected a certificate, found no bytes',
    })
    world.holder.replace(issuer, now)
    expect((await world.certifier.certify(good)).leaf.length).toBeGreaterThan(300)
  })

  test('8 all in order: a leaf, and its issuer to go with it', async () => {
    const world = await createWorld({ profile })
    const csr = await buildCsr({ signer: createNobleSigner(generatePrivateKey()), commonName: name, dnsNames: [name] })
    const certified = await world.certifier.certify({ ...good, csr })
    expect(certified.intermediates).toHaveLength(1)
    expect(certified.validUntil).toEqual(new Date('2026-11-22T12:00:00Z'))
    expect(world.events.map(({ type }) => type)).toEqual(['validating', 'issued'])
  })
})
