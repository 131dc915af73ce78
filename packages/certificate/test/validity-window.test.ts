import { describe, expect, test } from 'vitest'
import {
  createIssuer,
  createRootCertificate,
  type CreateIssuerOptions,
  MAX_CLOCK_SKEW_MS,
  MAX_LIFETIME_MS,
  parseCertificate,
} from '@meshid/certificate'
import { at, createCa, dayMs, hourMs, minuteMs, newKey, newSigner, now, webId } from './ca.ts'

const code = (expected: string) => expect.objectContaining({ name: 'CertificateError', code: expected })
const key = newKey()
const identity = { spiffeId: webId }

describe('a leaf is valid', async () => {
  const ca = await createCa({ now: at(-dayMs) })
  const issue = async (options: CreateIssuerOptions, instant: Date) => {
    const issued = await (await createIssuer({ ...ca, now: instant }, options)).issue({ identity, key, now: instant })
    const { notBefore, notAfter } = parseCertificate(issued.der)
    expect([issued.notBefore, issued.notAfter]).toEqual([notBefore, notAfter])
    return [notBefore, notAfter]
  }

  test('from 10 seconds ago for 24 hours from now, so only notBefore is moved (Q13, ISS-1, ISS-2)', async () => {
    expect(await issue({}, now)).toEqual([at(-10_000), at(24 * hourMs)])
  })

  test('for as long as it is told, down to a second, with no skew if that is wished (Q12)', async () => {
    expect(await issue({ lifetimeMs: 1000, clockSkewMs: 0 }, now)).toEqual([now, at(1000)])
    expect(await issue({ lifetimeMs: hourMs, clockSkewMs: minuteMs }, now)).toEqual([at(-minuteMs), at(hourMs)])
  })

  test('on whole seconds, never longer than it is told', async () => {
    expect(await issue({ lifetimeMs: 10_500, clockSkewMs: 1500 }, at(999))).toEqual([at(-2000), at(10_000)])
  })

  test('no longer than its issuer (Q14, ISS-2)', async () => {
    const end = ca.intermediate.notAfter
    expect(await issue({}, new Date(end.getTime() - hourMs))).toEqual([new Date(end.getTime() - hourMs - 10_000), end])
  })

  test('no longer than the trust anchor, though the issuer lives longer in its file (Q14)', async () => {
    const short = await createCa({ rootLifetimeMs: 2 * dayMs, lifetimeMs: 2 * dayMs })
    const issuer = await createIssuer({ ...short, now }, { lifetimeMs: 30 * dayMs })
    expect((await issuer.issue({ identity, key, now })).notAfter).toEqual(short.root.notAfter)
  })

  test('not before its issuer, whatever the skew (Q14)', async () => {
    const born = at(-dayMs)
    expect((await issue({ clockSkewMs: hourMs }, born))[0]).toEqual(ca.intermediate.notBefore)
  })

  test('by the clock of each request', async () => {
    const issuer = await createIssuer({ ...ca, now })
    for (const ms of [0, 400, 1000, 1999, hourMs, 5000]) {
      const { notAfter } = await issuer.issue({ identity, key, now: at(ms) })
      expect(notAfter).toEqual(at(Math.floor(ms / 1000) * 1000 + dayMs))
    }
  })

  test('also beyond 2049, when times change their form (RFC 5280 section 4.1.2.5)', async () => {
    const old = at(20 * 365 * dayMs)
    const late = await createCa({ now: old, lifetimeMs: 9 * 365 * dayMs })
    const instant = new Date('2049-12-31T12:00:00Z')
    const issued = await (await createIssuer({ ...late, now: instant })).issue({ identity, key, now: instant })
    const leaf = parseCertificate(issued.der)
    expect([leaf.notBefore, leaf.notAfter]).toEqual([
      new Date('2049-12-31T11:59:50Z'),
      new Date('2050-01-01T12:00:00Z'),
    ])
  })
})

describe('nothing is issued', async () => {
  const ca = await createCa()
  const end = ca.intermediate.notAfter.getTime()

  test('by an issuer that is about to expire, so that a fleet does not ask again every few seconds (Q15)', async () => {
    const issuer = await createIssuer({ ...ca, now }, { minRemainingMs: hourMs })
    const last = await issuer.issue({ identity, key, now: new Date(end - hourMs) })
    expect(last.notAfter).toEqual(new Date(end))
    const refusal = await issuer
      .issue({ identity, key, now: new Date(end - hourMs + 1000) })
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      code: 'CERT_ISSUER_EXPIRING',
      detail: { certificate: 'CN=identity.linkerd.cluster.local', limit: hourMs, found: hourMs - 1000 },
    })
  })

  test('but the floor never asks for more than a whole lifetime', async () => {
    const issuer = await createIssuer({ ...ca, now }, { lifetimeMs: 10_000, minRemainingMs: hourMs })
    const instant = new Date(end - 10_000)
    expect((await issuer.issue({ identity, key, now: instant })).notAfter).toEqual(new Date(end))
    await expect(issuer.issue({ identity, key, now: new Date(end - 9000) })).rejects.toEqual(
      code('CERT_ISSUER_EXPIRING'),
    )
  })

  test('by an issuer that has expired or is not valid yet', async () => {
    const issuer = await createIssuer({ ...ca, now }, { minRemainingMs: 0 })
    await expect(issuer.issue({ identity, key, now: new Date(end + 1000) })).rejects.toEqual(code('CERT_EXPIRED'))
    await expect(issuer.issue({ identity, key, now: at(-hourMs) })).rejects.toEqual(code('CERT_NOT_YET_VALID'))
    await expect(issuer.issue({ identity, key, now })).resolves.toMatchObject({ notAfter: at(dayMs) })
  })

  test('at no time at all', async () => {
    const issuer = await createIssuer({ ...ca, now })
    await expect(issuer.issue({ identity, key, now: new Date(Number.NaN) })).rejects.toThrow(RangeError)
  })
})

describe('durations have bounds, and nothing is silently replaced (Q12)', async () => {
  const ca = await createCa()

  test.each([
    ['lifetimeMs', 0],
    ['lifetimeMs', -hourMs],
    ['lifetimeMs', 999],
    ['lifetimeMs', Number.NaN],
    ['lifetimeMs', Number.POSITIVE_INFINITY],
    ['lifetimeMs', MAX_LIFETIME_MS + 1],
    ['clockSkewMs', -1],
    ['clockSkewMs', MAX_CLOCK_SKEW_MS + 1],
    ['minRemainingMs', -1],
    ['minRemainingMs', Number.NaN],
  ])('%s of %s is refused', async (option, value) => {
    await expect(createIssuer({ ...ca, now }, { [option]: value })).rejects.toMatchObject({
      code: 'CERT_LIFETIME_INVALID',
      detail: { option },
    })
  })

  test('for CAs as for leaves', async () => {
    const root = createRootCertificate({ signer: newSigner(), commonName: 'root', now, lifetimeMs: 0 })
    await expect(root).rejects.toEqual(code('CERT_LIFETIME_INVALID'))
  })
})
