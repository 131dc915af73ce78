import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTestCa, createTestClock } from '@meshid/testkit'
import { followTrustAnchors, parseTrustAnchors, type TrustAnchorEvent } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { createQueue } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { now, rawIdentity, web } from './world.ts'

const newFolder = useFolders()
const ca = await createTestCa({ now })
const other = await createTestCa({ now })
const { cert: notACa } = await rawIdentity(ca, { spiffeId: web })
const leafPem = notACa.slice(0, notACa.indexOf('-----END') + '-----END CERTIFICATE-----\n'.length)
const unreadable = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const key = ca.rootKey.toPkcs8Pem()

describe('a bundle', () => {
  test('is read whole', () => {
    const { trustAnchors, skipped } = parseTrustAnchors(`# ours\n${ca.rootPem}\n\n${other.rootPem}\n# end`)
    expect(trustAnchors.certificates).toHaveLength(2)
    expect(skipped).toEqual([])
  })

  test('keeps what is good of it: what cannot be read, is no CA or no certificate is skipped and told', () => {
    const { trustAnchors, skipped } = parseTrustAnchors(unreadable + leafPem + key + ca.rootPem)
    expect(trustAnchors.certificates.map(({ der }) => der)).toEqual([ca.root.der])
    expect(skipped.map(({ line, code }) => [line, code])).toEqual([
      [1, 'CERT_DER_INVALID'],
      [4, 'CERT_NOT_A_CA'],
      [4 + leafPem.split('\n').length - 1, 'PRIVATE KEY'],
    ])
  })

  test.each([
    ['empty', '', 'found no certificate'],
    ['a text', 'nothing', 'found no certificate'],
    ['a leaf only', leafPem, 'found none among 1'],
    ['unreadable only', unreadable, 'found none among 1'],
    ['PEM that is torn', ca.rootPem.slice(0, 200), 'END'],
  ])('is refused when nothing is left of it: %s', async (_what, pem, why) => {
    const error = await refusalOf(() => parseTrustAnchors(pem))
    expect(error).toMatchObject({ code: 'WORKLOAD_TRUST_ANCHORS_INVALID', message: expect.stringContaining(why) })
  })
})

async function createFile(content: string | undefined) {
  const path = join(await newFolder(), 'ca-bundle.crt')
  const replace = async (text: string): Promise<void> => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  }
  if (content !== undefined) await replace(content)
  return { path, replace, clock: createTestClock(now), events: createQueue<TrustAnchorEvent>() }
}

describe('a bundle that is followed', () => {
  test('is read before anything else, and again when it changes; the same object is read each time', async () => {
    const { path, replace, clock, events } = await createFile(ca.rootPem)
    await using anchors = await followTrustAnchors(path, { clock, observer: (event) => events.push(event) })
    expect(anchors.current.has(ca.root)).toBe(true)
    expect(await events.next()).toMatchObject({ type: 'adopted', skipped: [] })
    await replace(ca.rootPem + unreadable + other.rootPem)
    const adopted = await events.next(({ type }) => type === 'adopted')
    expect(adopted).toMatchObject({ skipped: [{ code: 'CERT_DER_INVALID' }] })
    expect(anchors.current.certificates).toHaveLength(2)
  })

  test('keeps the old anchors while the new ones cannot be used', async () => {
    const { path, replace, clock, events } = await createFile(ca.rootPem)
    await using anchors = await followTrustAnchors(path, { clock, observer: (event) => events.push(event) })
    await events.next(({ type }) => type === 'adopted')
    await replace('nothing')
    const rejected = await events.next(({ type }) => type === 'rejected')
    expect(rejected).toMatchObject({ error: { code: 'WORKLOAD_TRUST_ANCHORS_INVALID' }, attempt: 1 })
    expect(anchors.current.has(ca.root)).toBe(true)
    await replace(other.rootPem)
    await events.next(({ type }) => type === 'adopted')
    expect(anchors.current.has(other.root)).toBe(true)
    await rm(path)
    expect(await events.next(({ type }) => type === 'rejected')).toMatchObject({
      error: { code: 'MOUNTS_FILE_MISSING' },
    })
    expect(anchors.current.has(other.root)).toBe(true)
  })

  test('is found by the poll where no event comes', async () => {
    const { path, replace, clock } = await createFile(ca.rootPem)
    await using anchors = await followTrustAnchors(path, { clock, pollIntervalMs: 1000 })
    await replace(other.rootPem)
    await expect
      .poll(
        async () => {
          await clock.advance(1000)
          return anchors.current.has(other.root)
        },
        { timeout: 20_000 },
      )
      .toBe(true)
  })

  test('that is not there: refused, or the fallback counts until it comes', async () => {
    const { path, replace, clock, events } = await createFile(undefined)
    await expect(followTrustAnchors(path, { clock })).rejects.toMatchObject({ code: 'MOUNTS_FILE_MISSING' })
    const fallback = ca.trustAnchors
    const observer = (event: TrustAnchorEvent) => events.push(event)
    await using anchors = await followTrustAnchors(path, { clock, fallback, observer })
    expect(anchors.current).toBe(fallback)
    await replace(other.rootPem)
    await events.next(({ type }) => type === 'adopted')
    expect(anchors.current.has(other.root)).toBe(true)
  })

  test('that is broken at the start is refused, and nothing goes on behind the back', async () => {
    const { path, clock } = await createFile('nothing')
    await expect(followTrustAnchors(path, { clock })).rejects.toMatchObject({ code: 'WORKLOAD_TRUST_ANCHORS_INVALID' })
    expect(clock.pending).toBe(0)
  })
})
