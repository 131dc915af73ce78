import { parseCertificate, fingerprint } from '@meshid/certificate'
import { type CertifyEvent, createCertifier, createIssuerHolder, spiffeProfile, statusOf } from '@meshid/identity'
import { createNobleSigner, generatePrivateKey, isSameKey, nobleVerifier } from '@meshid/keys'
import { TokenReviewError } from '@meshid/token-review'
import { describe, expect, test } from 'vitest'
import { flipSignatureBit, forgeCsr } from './forge-csr.ts'
import {
  accountOf,
  bytes,
  createWorld,
  deferred,
  newIssuer,
  now,
  refusalOf,
  reviewerOf,
  trustDomain,
  web,
  webSpiffeId,
  workloadSigner as signer,
} from './world.ts'

const profile = spiffeProfile({ trustDomain })
const request = { identity: webSpiffeId, token: bytes('web'), csr: forgeCsr({ signer }) }

/** A reviewer that stays until it is let go, and tells when it was asked. */
function slowReviewer(heedsSignal = true) {
  const asked = deferred<void>()
  const answer = deferred<ReturnType<typeof accountOf>>()
  return {
    asked: asked.promise,
    letGo: () => answer.resolve(accountOf(web.username)),
    reviewer: {
      review(_token: unknown, { signal }: { signal?: AbortSignal | undefined } = {}) {
        if (heedsSignal) signal?.addEventListener('abort', () => answer.reject(signal.reason as Error))
        asked.resolve()
        return answer.promise
      },
    },
  }
}

describe('a certified workload', () => {
  test('has a leaf for its own key, its issuer, and the end of the leaf', async () => {
    const issuer = await newIssuer()
    const { certifier } = await createWorld({ profile, issuer })
    const certified = await certifier.certify(request)
    const leaf = parseCertificate(certified.leaf)
    expect(isSameKey(leaf.publicKey, signer.key.publicKey)).toBe(true)
    expect(certified.validUntil).toEqual(leaf.notAfter)
    expect(certified.intermediates).toEqual(issuer.chain)
    expect(Object.isFrozen(certified)).toBe(true)
  })

  test('is decided without an observer, too', async () => {
    const issuer = createIssuerHolder()
    issuer.replace(await newIssuer(), now)
    const { reviewer } = reviewerOf({ web: accountOf(web.username) })
    const certifier = createCertifier({ reviewer, profile, issuer, verifier: nobleVerifier, clock: { now: () => now } })
    expect((await certifier.certify(request)).leaf.length).toBeGreaterThan(300)
    expect(await refusalOf(certifier.certify({ ...request, identity: '' }))).toMatchObject({
      code: 'IDENTITY_MISSING_IDENTITY',
    })
  })
})

test('a caller may come with another key each time, and gets a leaf for that one (Q39)', async () => {
  const { certifier } = await createWorld({ profile })
  for (const other of [signer, createNobleSigner(generatePrivateKey())]) {
    const { leaf } = await certifier.certify({ ...request, csr: forgeCsr({ signer: other }) })
    expect(isSameKey(parseCertificate(leaf).publicKey, other.key.publicKey)).toBe(true)
  }
})

describe('the order of things', () => {
  test.each([
    ['IDENTITY_NAME_INVALID', { ...request, identity: 'x', csr: bytes('x') }],
    ['IDENTITY_CSR_INVALID', { ...request, csr: bytes('x') }],
    ['IDENTITY_CSR_INVALID', { ...request, csr: new Uint8Array(1_000_000) }],
    ['IDENTITY_CSR_UNPROVEN', { ...request, csr: flipSignatureBit(request.csr) }],
  ] as const)('what is wrong locally costs no token review: %s', async (code, wrong) => {
    const { certifier, reviewed, events } = await createWorld({ profile })
    expect(await refusalOf(certifier.certify(wrong))).toMatchObject({ code })
    expect(reviewed).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['refused'])
  })

  test('an expired issuer costs no token review', async () => {
    const issuer = await newIssuer({ lifetimeMs: 3_600_000 })
    const clock = { now: () => new Date(now.getTime() + 7_200_000) }
    const { certifier, reviewed } = await createWorld({ profile, issuer, clock })
    const error = await refusalOf(certifier.certify(request))
    expect(error.code).toBe('IDENTITY_ISSUER_INVALID')
    expect(statusOf(error, profile)).toEqual({ status: 'UNAVAILABLE', message: 'the issuer is not valid now' })
    expect(reviewed).toEqual([])
  })

  test('an issuer that expires while the token is reviewed is refused as such', async () => {
    const issuer = await newIssuer({ lifetimeMs: 3_600_000 })
    let time = now
    const answers = {
      web: async () => {
        time = new Date(now.getTime() + 7_200_000)
        return accountOf(web.username)
      },
    }
    const { certifier } = await createWorld({ profile, issuer, answers, clock: { now: () => time } })
    expect(await refusalOf(certifier.certify(request))).toMatchObject({
      code: 'IDENTITY_ISSUER_INVALID',
      detail: { causeCode: 'CERT_EXPIRED' },
    })
  })
})

describe('the issuer (Q4)', () => {
  test('is the one that was current when the request came, although another is taken meanwhile', async () => {
    const [before, after] = await Promise.all([newIssuer(), newIssuer()])
    const slow = slowReviewer()
    const { certifier, holder } = await createWorld({ profile, issuer: before, reviewer: slow.reviewer })
    const first = certifier.certify(request)
    await slow.asked
    holder.replace(after, now)
    slow.letGo()
    const old = await first
    expect(old.intermediates).toBe(before.chain)
    expect(parseCertificate(old.leaf).authorityKeyIdentifier).toEqual(before.certificate.subjectKeyIdentifier)
    const fresh = await certifier.certify(request)
    expect(fresh.intermediates).toBe(after.chain)
  })

  test('can be replaced while a review hangs: nothing is locked', async () => {
    const slow = slowReviewer()
    const { certifier, holder } = await createWorld({ profile, reviewer: slow.reviewer })
    const hanging = certifier.certify(request)
    await slow.asked
    const next = await newIssuer()
    holder.replace(next, now)
    expect(holder.current).toBe(next)
    slow.letGo()
    expect((await hanging).leaf.length).toBeGreaterThan(300)
  })
})

describe('an abort', () => {
  test('before the start rejects with the reason, untouched', async () => {
    const { certifier, events, reviewed } = await createWorld({ profile })
    const reason = { gone: true }
    await expect(certifier.certify(request, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(events).toMatchObject([{ type: 'aborted', identity: webSpiffeId, step: 'request' }])
    expect(reviewed).toEqual([])
  })

  test('during the review reaches the reviewer and rejects with the reason', async () => {
    const slow = slowReviewer()
    const { certifier, events } = await createWorld({ profile, reviewer: slow.reviewer })
    const controller = new AbortController()
    const call = certifier.certify(request, { signal: controller.signal })
    await slow.asked
    controller.abort('enough')
    await expect(call).rejects.toBe('enough')
    expect(events.map(({ type }) => type)).toEqual(['validating', 'aborted'])
    expect(events[1]).toMatchObject({ step: 'review' })
  })

  test('that a reviewer does not heed still keeps the leaf from being signed', async () => {
    const slow = slowReviewer(false)
    const { certifier, events } = await createWorld({ profile, reviewer: slow.reviewer })
    const controller = new AbortController()
    const call = certifier.certify(request, { signal: controller.signal })
    await slow.asked
    const reason = new Error('deadline')
    controller.abort(reason)
    slow.letGo()
    await expect(call).rejects.toBe(reason)
    expect(events.at(-1)).toMatchObject({ type: 'aborted', step: 'review' })
  })
})

describe('the observer', () => {
  test('hears of a leaf with everything that a log line needs', async () => {
    const { certifier, events } = await createWorld({ profile })
    const { leaf } = await certifier.certify(request)
    const certificate = parseCertificate(leaf)
    expect(events).toHaveLength(2)
    expect(events[0]).toEqual({ type: 'validating', identity: webSpiffeId })
    expect(events[1]).toMatchObject({
      type: 'issued',
      identity: webSpiffeId,
      account: { username: web.username },
      notAfter: certificate.notAfter,
      serialNumber: certificate.serialNumber,
      fingerprint: fingerprint(certificate),
    })
  })

  test('hears how long each step took', async () => {
    let time = 0
    const { certifier, events } = await createWorld({ profile, monotonicMs: () => (time += 10) })
    await certifier.certify(request)
    expect(events[1]).toMatchObject({ durations: { requestMs: 10, csrMs: 10, reviewMs: 10, matchMs: 10, issueMs: 10 } })
    await refusalOf(certifier.certify({ ...request, csr: bytes('x') }))
    expect(events[2]).toMatchObject({ type: 'refused', step: 'csr', durations: { requestMs: 10, csrMs: 10 } })
  })

  test('is told of a stranger only in printable ASCII, shortened (Q7)', async () => {
    const { certifier, events } = await createWorld({ profile })
    const identity = `evil\r\n\u001b[31m${'ü'.repeat(5000)}`
    const error = await refusalOf(certifier.certify({ ...request, identity }))
    const [event] = events
    for (const text of [event?.identity, error.message, error.detail.requested, JSON.stringify(error.detail)]) {
      expect(text).toMatch(/^[\x20-\x7e]+$/)
      expect(String(text).length).toBeLessThan(1200)
    }
    expect(event).toMatchObject({ identity: `evil???[31m${'?'.repeat(245)}...` })
  })

  test('cannot change an outcome by throwing', async () => {
    const issuer = createIssuerHolder()
    issuer.replace(await newIssuer(), now)
    const { reviewer } = reviewerOf({ web: accountOf(web.username) })
    const observer = (): never => {
      throw new Error('observer')
    }
    const clock = { now: () => now }
    const certifier = createCertifier({ reviewer, profile, issuer, verifier: nobleVerifier, clock, observer })
    expect((await certifier.certify(request)).leaf.length).toBeGreaterThan(300)
    expect((await refusalOf(certifier.certify({ ...request, identity: '' }))).code).toBe('IDENTITY_MISSING_IDENTITY')
  })

  test('gets frozen events', async () => {
    const { certifier, events } = await createWorld({ profile })
    await certifier.certify(request)
    await refusalOf(certifier.certify({ ...request, csr: bytes('x') }))
    const frozen = (event: CertifyEvent) => Object.isFrozen(event)
    expect(events.map(frozen)).toEqual([true, true, true])
  })
})

test('no refusal holds the token or the request', async () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzZWNyZXQiOnRydWV9.c2lnbmF0dXJl'
  const rejected = new TokenReviewError('TOKEN_REVIEW_REJECTED', 'refused', { detail: { reason: 'expired' } })
  const { certifier } = await createWorld({ profile, answers: { [token]: () => Promise.reject(rejected) } })
  const error = await refusalOf(certifier.certify({ ...request, token: bytes(token) }))
  expect(error.code).toBe('IDENTITY_TOKEN_REJECTED')
  expect(`${error.message}${JSON.stringify(error)}`).not.toContain('eyJ')
})

test('a clock that is broken is IDENTITY_INTERNAL, and says nothing to the caller', async () => {
  const { certifier } = await createWorld({ profile, clock: { now: () => new Date(Number.NaN) } })
  const error = await refusalOf(certifier.certify(request))
  expect(error).toMatchObject({ code: 'IDENTITY_INTERNAL', cause: { name: 'RangeError' } })
  expect(statusOf(error, profile)).toEqual({ status: 'INTERNAL', message: 'internal error' })
})
