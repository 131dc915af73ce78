import { parseCertificate, spiffeIdOfCertificate } from '@meshid/certificate'
import type { CertifyRequest } from '@meshid/rpc'
import { openssl } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest, web, webSpiffeId, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let world: World
let server: ServerProcess
beforeAll(async () => {
  world = await createWorld()
  server = await startServer(world)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A refusal, as its caller and as the log see it. */
interface Refusal {
  readonly of: string
  readonly request: (good: CertifyRequest) => Partial<CertifyRequest> | Promise<Partial<CertifyRequest>>
  readonly status: string
  readonly message: RegExp
  readonly log: { readonly level: string; readonly msg: RegExp; readonly code: string; readonly cause_code?: string }
}

const csr = (
  of: string,
  change: (der: Uint8Array) => Uint8Array,
  log: { code: string; cause_code: string },
): Refusal => ({
  of: `a CSR ${of}`,
  request: ({ certificateSigningRequest: der }) => ({ certificateSigningRequest: change(der) }),
  status: 'INVALID_ARGUMENT',
  message: new RegExp(`^${log.cause_code}`),
  log: { level: 'debug', msg: /^requester sent invalid CSR: /, ...log },
})

const token = (
  of: string,
  make: () => Promise<string>,
  words: RegExp,
  cause_code = 'TOKEN_REVIEW_REJECTED',
): Refusal => ({
  of: `a token ${of}`,
  request: async () => ({ token: bytes(await make()) }),
  status: 'UNAUTHENTICATED',
  message: words,
  log: {
    level: 'info',
    msg: new RegExp(`^invalid token provided for ${webSpiffeId}: .*${words.source}`),
    code: 'IDENTITY_TOKEN_REJECTED',
    cause_code,
  },
})

/** The outer SEQUENCE with its length in one octet more than needed: BER, not DER. */
function withLongLength(der: Uint8Array): Uint8Array {
  const [tag = 0, first = 0, ...rest] = der
  if (first === 0x81) return Uint8Array.of(tag, 0x82, 0, ...rest)
  if (first === 0x82) return Uint8Array.of(tag, 0x83, 0, ...rest)
  return Uint8Array.of(tag, 0x81, first, ...rest)
}

const malformed = { code: 'IDENTITY_CSR_INVALID', cause_code: 'CSR_MALFORMED' }

const refusals: readonly Refusal[] = [
  csr('with a flipped signature bit', (der) => der.with(der.length - 1, (der.at(-1) ?? 0) ^ 1), {
    code: 'IDENTITY_CSR_UNPROVEN',
    cause_code: 'CSR_SIGNATURE_INVALID',
  }),
  csr('with trailing bytes', (der) => Uint8Array.of(...der, 0, 0), malformed),
  csr('with BER lengths', withLongLength, malformed),
  csr('cut in half', (der) => der.slice(0, der.length / 2), malformed),
  csr('of 20 KiB', (der) => Uint8Array.of(...der, ...new Uint8Array(20_480)), {
    code: 'IDENTITY_CSR_INVALID',
    cause_code: 'CSR_TOO_LARGE',
  }),
  {
    of: 'a CSR of 1 MB',
    request: () => ({ certificateSigningRequest: new Uint8Array(1_000_000) }),
    status: 'RESOURCE_EXHAUSTED',
    message: /larger than max/,
    log: { level: 'debug', msg: /ended before it was decided: .*larger than max/, code: 'RPC_RESOURCE_EXHAUSTED' },
  },
  {
    of: 'no CSR',
    request: () => ({ certificateSigningRequest: new Uint8Array() }),
    status: 'INVALID_ARGUMENT',
    message: /^missing certificate signing request$/,
    log: { level: 'debug', msg: /^requester sent invalid request: missing cert/, code: 'IDENTITY_MISSING_CSR' },
  },
  token('that is expired', () => world.api.createToken({ ...web, expirationSeconds: -60 }), /token has expired/),
  token(
    'for another audience',
    () => world.api.createToken({ ...web, audiences: ['vault'] }),
    /is invalid for the target audiences/,
    'TOKEN_REVIEW_WRONG_AUDIENCE',
  ),
  token('of a deleted account', tokenOfDeletedAccount, /"gone" not found/),
  token('that nobody signed', async () => `${await world.api.createToken(web)}x`, /invalid bearer token/),
  {
    of: 'an empty token',
    request: () => ({ token: new Uint8Array() }),
    status: 'INVALID_ARGUMENT',
    message: /^missing token$/,
    log: { level: 'debug', msg: /^requester sent invalid request: missing token$/, code: 'IDENTITY_MISSING_TOKEN' },
  },
  {
    of: 'bytes that cannot be a token',
    request: () => ({ token: Uint8Array.of(0xff, 0) }),
    status: 'UNAUTHENTICATED',
    message: /token/,
    log: {
      level: 'info',
      msg: /^invalid token provided for /,
      code: 'IDENTITY_TOKEN_INVALID',
      cause_code: 'TOKEN_REVIEW_TOKEN_INVALID',
    },
  },
  {
    of: "an identity that is not the token's",
    request: () => ({ identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' }),
    status: 'FAILED_PRECONDITION',
    message: /web.*voting/,
    log: {
      level: 'info',
      msg: /^requested identity did not match provided token: requested=\S+\/sa\/voting; found=\S+\/sa\/web$/,
      code: 'IDENTITY_MISMATCH',
    },
  },
  {
    of: 'an identity that would forge a log line',
    request: () => ({ identity: 'spiffe://a b\n"level=fatal' }),
    status: 'INVALID_ARGUMENT',
    message: /requested identity: expected spiffe:\/\//,
    log: {
      level: 'debug',
      msg: /^requester sent invalid request: .* found spiffe:\/\/a b\?"level=fatal$/,
      code: 'IDENTITY_NAME_INVALID',
    },
  },
]

async function tokenOfDeletedAccount(): Promise<string> {
  const gone = { namespace: 'emojivoto', name: 'gone' }
  world.api.createServiceAccount(gone)
  const text = await world.api.createToken(gone)
  world.api.deleteServiceAccount(gone)
  return text
}

describe('refused with a status and a code, and nothing else disturbed', () => {
  test.each(refusals)('$of: $status', async ({ request, status, message, log }) => {
    const good = await goodRequest(world)
    const from = server.log.length
    const error = await server.certify({ ...good, ...(await request(good)) }).catch((refusal: unknown) => refusal)
    expect(error).toMatchObject({ status, message: expect.stringMatching(message) as unknown })
    const { level, code, cause_code, msg } = await server.log.next(log.msg, { from })
    expect({ level, code, cause_code, msg }).toEqual({ cause_code: undefined, ...log, msg })

    const { leafCertificate } = await server.certify(good)
    expect(spiffeIdOfCertificate(parseCertificate(leafCertificate)).toString()).toBe(webSpiffeId)
  })

  test.each([
    ['RSA', ['rsa:2048']],
    ['P-521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ])('a CSR of an %s key is refused before the API server is asked (Q8, Q9)', async (_, kind) => {
    const good = await goodRequest(world)
    const asked = world.api.requestCount('tokenReview')
    const request = ['req', '-new', '-nodes', '-keyout', '/dev/null', '-outform', 'DER', '-subj', '/', '-newkey']
    const { stdout } = await openssl([...request, ...kind])
    const from = server.log.length
    const call = server.certify({ ...good, certificateSigningRequest: stdout })
    await expect(call).rejects.toMatchObject({ status: 'INVALID_ARGUMENT' })
    expect(await server.log.next(/invalid CSR/, { from })).toMatchObject({ code: 'IDENTITY_CSR_KEY_UNSUPPORTED' })
    expect(world.api.requestCount('tokenReview')).toBe(asked)
  })

  test('trouble with the API server is no verdict on the token: UNAVAILABLE, and the same request works later', async () => {
    const good = await goodRequest(world)
    const from = server.log.length
    world.api.failNext(1, { status: 503 })
    await expect(server.certify(good)).rejects.toMatchObject({ status: 'UNAVAILABLE' })
    const line = await server.log.next(/^error validating token for /, { from })
    expect(line).toMatchObject({
      level: 'error',
      code: 'IDENTITY_REVIEW_FAILED',
      cause_code: 'TOKEN_REVIEW_UNAVAILABLE',
    })
    await server.certify(good)
  })

  test('many at once, good and bad: each gets its own answer', async () => {
    const good = await goodRequest(world)
    const bad = { ...good, identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => server.certify(index % 2 === 0 ? good : bad)),
    )
    const statuses = outcomes.map(({ status }) => status)
    expect(statuses).toEqual(statuses.map((_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')))
  })
})
