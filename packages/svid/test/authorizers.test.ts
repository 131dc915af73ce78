import { nobleVerifier } from '@meshid/keys'
import { parseSpiffeId, SpiffeIdError } from '@meshid/spiffe-id'
import {
  allOf,
  anyOf,
  authorizeAny,
  authorizeId,
  authorizeMemberOf,
  authorizeOneOf,
  authorizePath,
  authorizeSvid,
  authorizeSvidSync,
  not,
  refuseSvid,
  type SyncAuthorizer,
  verifyAndAuthorize,
  verifyAndAuthorizeSync,
  type VerifiedSvid,
} from '@meshid/svid'
import { describe, expect, test, vi } from 'vitest'
import {
  authority,
  bundles,
  codeOf,
  intermediate,
  now,
  otherDomain,
  refusalOf,
  rejectionOf,
  trustDomain,
  verify,
  web,
  webId,
  workload,
} from './forge.ts'

const web1 = verify([web, intermediate])
const idOf = (path: string) => parseSpiffeId(`spiffe://td.test${path}`)
const svidOf = (path: string): VerifiedSvid => verify([workload(`spiffe://td.test${path}`, intermediate), intermediate])
const isWelcome = (authorizer: SyncAuthorizer, svid: VerifiedSvid = web1): boolean => {
  authorizeSvidSync(svid, authorizer)
  return true
}

const accept: SyncAuthorizer = () => undefined
const refuse: SyncAuthorizer = (svid) => refuseSvid(svid, { expected: 'nobody' })
const acceptLater = () => Promise.resolve()
const refuseLater = (svid: VerifiedSvid) => Promise.resolve().then(() => refuseSvid(svid, { expected: 'nobody' }))
const fail = (): undefined => {
  throw new Error('the policy service is away')
}

describe('who is welcome', () => {
  test('this workload only: a prefix twin is another (X509-37, ID-19)', () => {
    const b = authorizeId(idOf('/ns/shop/sa/b'))
    expect(isWelcome(b, svidOf('/ns/shop/sa/b'))).toBe(true)
    for (const twin of ['/ns/shop/sa/b-evil', '/ns/shop/sa/b/c', '/ns/shop/sa/B', '/ns/shop/sa']) {
      expect(refusalOf(() => isWelcome(b, svidOf(twin)))).toMatchObject({
        code: 'SVID_ID_MISMATCH',
        detail: {
          expected: 'spiffe://td.test/ns/shop/sa/b',
          found: `spiffe://td.test${twin}`,
          spiffeId: `spiffe://td.test${twin}`,
        },
      })
    }
  })

  test('one of several; an empty list is nobody', () => {
    expect(isWelcome(authorizeOneOf([idOf('/a'), web1.spiffeId]))).toBe(true)
    expect(refusalOf(() => isWelcome(authorizeOneOf([idOf('/a')])))).toMatchObject({
      code: 'SVID_ID_NOT_LISTED',
      detail: { found: webId },
    })
    expect(codeOf(() => isWelcome(authorizeOneOf([])))).toBe('SVID_ID_NOT_LISTED')
  })

  test('members of a trust domain; the same path in another says nothing here (ID-37)', () => {
    expect(isWelcome(authorizeMemberOf(trustDomain))).toBe(true)
    expect(refusalOf(() => isWelcome(authorizeMemberOf(otherDomain)))).toMatchObject({
      code: 'SVID_NOT_A_MEMBER',
      detail: { expected: 'a member of other.test', found: webId },
    })
  })

  test('paths, only at the boundary of segments (X509-37)', () => {
    expect(isWelcome(authorizePath(trustDomain, '/ns/*/sa/web'))).toBe(true)
    const below = authorizePath(trustDomain, '/ns/shop/**')
    expect(isWelcome(below)).toBe(true)
    expect(codeOf(() => isWelcome(below, svidOf('/ns/shop-evil/sa/web')))).toBe('SVID_PATH_MISMATCH')
    expect(codeOf(() => isWelcome(below, svidOf('/ns/shop')))).toBe('SVID_PATH_MISMATCH')
    expect(codeOf(() => isWelcome(authorizePath(otherDomain, '/ns/**')))).toBe('SVID_NOT_A_MEMBER')
    expect(() => authorizePath(trustDomain, '/ns/sh*')).toThrow(SpiffeIdError)
  })

  test('anybody, who must be written out (X509-37)', async () => {
    expect(isWelcome(authorizeAny())).toBe(true)
    const input = { chain: [web.certificate, intermediate.certificate], bundles, now, purpose: 'client' } as const
    // @ts-expect-error there is no default
    await expect(verifyAndAuthorize(input)).rejects.toThrow()
    // @ts-expect-error there is no default
    expect(() => verifyAndAuthorizeSync(input)).toThrow()
  })
})

describe('combinations', () => {
  test('any of several: the first that accepts ends it, and all refusals are told', () => {
    const last = vi.fn<SyncAuthorizer>()
    expect(isWelcome(anyOf(refuse, accept, last))).toBe(true)
    expect(last).not.toHaveBeenCalled()
    const error = refusalOf(() => isWelcome(anyOf(authorizeId(idOf('/a')), authorizeMemberOf(otherDomain), refuse)))
    expect(error).toMatchObject({
      code: 'SVID_NO_ALTERNATIVE',
      detail: {
        expected: 'any of [spiffe://td.test/a; a member of other.test; a rule of the caller]',
        found: webId,
        refusals: [
          `svid: expected spiffe://td.test/a, found ${webId}`,
          `svid: expected a member of other.test, found ${webId}`,
          `svid: expected nobody, found ${webId}`,
        ],
      },
    })
    expect(codeOf(() => isWelcome(anyOf()))).toBe('SVID_NO_ALTERNATIVE')
  })

  test('all of several: the first refusal counts; none would be everybody', () => {
    expect(isWelcome(allOf(accept, authorizeMemberOf(trustDomain)))).toBe(true)
    expect(codeOf(() => isWelcome(allOf(accept, authorizeMemberOf(otherDomain), refuse)))).toBe('SVID_NOT_A_MEMBER')
    expect(() => allOf()).toThrow(RangeError)
  })

  test('not: whom the other refuses', () => {
    const others = allOf(authorizeMemberOf(trustDomain), not(authorizeId(web1.spiffeId)))
    expect(isWelcome(others, svidOf('/ns/shop/sa/db'))).toBe(true)
    expect(refusalOf(() => isWelcome(others))).toMatchObject({
      code: 'SVID_EXCLUDED',
      detail: { expected: `not ${webId}`, found: webId },
    })
    expect(isWelcome(not(not(authorizeMemberOf(trustDomain))))).toBe(true)
  })

  test('a failure is no refusal: neither "any" nor "not" goes on after it', () => {
    for (const authorizer of [anyOf(fail, accept), not(fail), allOf(accept, fail), not(anyOf(fail)), fail]) {
      expect(refusalOf(() => isWelcome(authorizer))).toMatchObject({
        code: 'SVID_AUTHORIZER_FAILED',
        cause: { message: 'the policy service is away' },
      })
    }
  })
})

describe('rules that wait', () => {
  test('are authorizers too, alone and in combinations', async () => {
    await expect(authorizeSvid(web1, acceptLater)).resolves.toBeUndefined()
    await expect(authorizeSvid(web1, accept)).resolves.toBeUndefined()
    await expect(authorizeSvid(web1, anyOf(refuse, refuseLater, acceptLater, fail))).resolves.toBeUndefined()
    await expect(authorizeSvid(web1, allOf(acceptLater, accept, acceptLater))).resolves.toBeUndefined()
    await expect(authorizeSvid(web1, not(refuseLater))).resolves.toBeUndefined()
  })

  test('refuse as those that do not', async () => {
    expect((await rejectionOf(authorizeSvid(web1, refuseLater))).code).toBe('SVID_NOT_AUTHORIZED')
    expect((await rejectionOf(authorizeSvid(web1, anyOf(refuseLater, refuse)))).detail['refusals']).toHaveLength(2)
    expect((await rejectionOf(authorizeSvid(web1, allOf(acceptLater, refuseLater)))).code).toBe('SVID_NOT_AUTHORIZED')
    expect((await rejectionOf(authorizeSvid(web1, allOf(acceptLater, refuse)))).code).toBe('SVID_NOT_AUTHORIZED')
    expect((await rejectionOf(authorizeSvid(web1, not(acceptLater)))).code).toBe('SVID_EXCLUDED')
    const failLater = () => Promise.reject(new TypeError('fetch failed'))
    for (const authorizer of [failLater, anyOf(failLater, accept), not(failLater)]) {
      expect((await rejectionOf(authorizeSvid(web1, authorizer))).code).toBe('SVID_AUTHORIZER_FAILED')
    }
  })

  test('are given the signal, and nobody waits for those that ignore it', async () => {
    const controller = new AbortController()
    const reason = new Error('the peer hung up')
    const seen: unknown[] = []
    const waiting = authorizeSvid(
      web1,
      (_svid, options) => {
        seen.push(options?.signal)
        return new Promise<void>(() => {})
      },
      { signal: controller.signal },
    )
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(seen).toEqual([controller.signal])
    await expect(authorizeSvid(web1, accept, { signal: controller.signal })).rejects.toBe(reason)
    const listening = authorizeSvid(
      web1,
      anyOf(async (_svid, options) => options?.signal?.throwIfAborted()),
      {
        signal: AbortSignal.any([new AbortController().signal]),
      },
    )
    await expect(listening).resolves.toBeUndefined()
  })

  test('pass the reason of an abort on untouched', async () => {
    const controller = new AbortController()
    const reason = new Error('too late')
    const aborting = () => {
      controller.abort(reason)
      throw reason
    }
    await expect(authorizeSvid(web1, aborting, { signal: controller.signal })).rejects.toBe(reason)
  })

  test('are refused where nobody can wait', () => {
    // @ts-expect-error a promise is not nothing
    expect(() => authorizeSvidSync(web1, refuseLater)).toThrow(TypeError)
    // @ts-expect-error nor a combination with one
    expect(() => authorizeSvidSync(web1, anyOf(refuseLater, refuse))).toThrow(TypeError)
  })
})

describe('what an authorizer accepts and may answer', () => {
  test('a structural forgery of a VerifiedSvid is refused everywhere', async () => {
    const { spiffeId, leaf, anchor, path, purpose, notBefore, notAfter, verifiedAt } = web1
    const forged = { spiffeId, trustDomain, leaf, anchor, path, purpose, notBefore, notAfter, verifiedAt }
    // @ts-expect-error a record is not a verified SVID
    expect(() => authorizeSvidSync(forged, accept)).toThrow(TypeError)
    // @ts-expect-error a record is not a verified SVID
    await expect(authorizeSvid(forged, accept)).rejects.toThrow(TypeError)
    for (const authorizer of [authorizeAny(), authorizeId(spiffeId), anyOf(accept), allOf(accept), not(refuse)]) {
      // @ts-expect-error a record is not a verified SVID
      expect(() => authorizer(forged)).toThrow(TypeError)
    }
    // @ts-expect-error a record is not a verified SVID
    expect(() => refuseSvid(forged, { expected: 'x' })).toThrow(TypeError)
    const inherited = Object.create(web1) as VerifiedSvid
    expect(() => authorizeSvidSync(inherited, accept)).toThrow(TypeError)
  })

  test.each([true, false, null, 'no', {}])('the answer %j is no decision', async (answer) => {
    const predicate = (() => answer) as unknown as SyncAuthorizer
    expect(codeOf(() => isWelcome(predicate))).toBe('SVID_AUTHORIZER_FAILED')
    expect(codeOf(() => isWelcome(anyOf(predicate, accept)))).toBe('SVID_AUTHORIZER_FAILED')
    const later = (() => Promise.resolve(answer)) as unknown as () => Promise<void>
    expect((await rejectionOf(authorizeSvid(web1, later))).code).toBe('SVID_AUTHORIZER_FAILED')
  })

  test("a refusal of one's own says what was expected, found and why", () => {
    const cause = new Error('policy 7')
    const rule: SyncAuthorizer = (svid) => {
      if (svid.purpose === 'client') refuseSvid(svid, { expected: 'a server', found: 'a client', cause })
    }
    expect(refusalOf(() => isWelcome(rule))).toMatchObject({
      code: 'SVID_NOT_AUTHORIZED',
      message: 'svid: expected a server, found a client',
      detail: { expected: 'a server', found: 'a client', spiffeId: webId },
      cause,
    })
  })
})

describe('verifyAndAuthorize', () => {
  const options = { verifier: nobleVerifier }
  const input = { chain: [web.certificate, intermediate.certificate], bundles, now, purpose: 'client' } as const

  test('gives the verified SVID when it is genuine and welcome', async () => {
    const svid = await verifyAndAuthorize(input, allOf(authorizeMemberOf(trustDomain), acceptLater), options)
    expect(svid.spiffeId.toString()).toBe(webId)
    expect(verifyAndAuthorizeSync(input, authorizeId(svid.spiffeId), options).notAfter).toEqual(svid.notAfter)
  })

  test('asks nobody about what is not genuine (X509-37)', async () => {
    const authorizer = vi.fn<SyncAuthorizer>()
    const stranger = authority('stranger')
    const forged = { ...input, chain: [workload(webId, stranger).certificate] }
    expect((await rejectionOf(verifyAndAuthorize(forged, authorizer, options))).code).toBe('SVID_UNKNOWN_AUTHORITY')
    expect(codeOf(() => verifyAndAuthorizeSync(forged, authorizer, options))).toBe('SVID_UNKNOWN_AUTHORITY')
    expect(authorizer).not.toHaveBeenCalled()
  })

  test('refuses the genuine that is not welcome, with what was expected and found', async () => {
    const twin = { ...input, chain: [workload(`${webId}-evil`, intermediate).certificate, intermediate.certificate] }
    expect(await rejectionOf(verifyAndAuthorize(twin, authorizeId(web1.spiffeId), options))).toMatchObject({
      code: 'SVID_ID_MISMATCH',
      detail: { expected: webId, found: `${webId}-evil` },
    })
    expect(codeOf(() => verifyAndAuthorizeSync(twin, authorizeId(web1.spiffeId), options))).toBe('SVID_ID_MISMATCH')
  })
})
