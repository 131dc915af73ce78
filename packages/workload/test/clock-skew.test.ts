import { parseCsr, verifyCsr } from '@meshid/csr'
import { nodeVerifier } from '@meshid/keys/node'
import { createTestCa, createTestClock } from '@meshid/testkit'
import {
  type Certify,
  probeClockSkew,
  type ProbeClockSkewOptions,
  SKEW_TOLERANCE_AHEAD_MS,
  SKEW_TOLERANCE_BEHIND_MS,
} from '@meshid/workload'
import { expect, test } from 'vitest'
import { createCertifyRig } from './certify-rig.ts'
import { useFolders } from './folders.ts'
import { hourMs, now, web } from './world.ts'

const newFolder = useFolders()
const after = (ms: number): Date => new Date(now.getTime() + ms)

/** A leaf that an issuer with the clock `now` has just made. */
const leaf = { notBefore: after(-10_000) }

type Row = readonly [what: string, skewMs: number, options: Partial<ProbeClockSkewOptions>, found: number | undefined]

test.each<Row>([
  ['the same time', 0, {}, undefined],
  ['behind, within the tolerance', -SKEW_TOLERANCE_BEHIND_MS, {}, undefined],
  ['behind, before "not yet valid" bites', -SKEW_TOLERANCE_BEHIND_MS - 1, {}, -SKEW_TOLERANCE_BEHIND_MS - 1],
  ['behind, when it bites already', -hourMs, {}, -hourMs],
  ['ahead, within the tolerance', SKEW_TOLERANCE_AHEAD_MS, {}, undefined],
  ['ahead', SKEW_TOLERANCE_AHEAD_MS + 1, {}, SKEW_TOLERANCE_AHEAD_MS + 1],
  ['ahead by a peer, whose leaf may be old', hourMs, { age: 'unknown' }, undefined],
  ['behind by a peer, whose leaf cannot be younger than now', -6000, { age: 'unknown' }, -6000],
  ['an issuer that goes back 20 s, as Linkerd is installed', -6000, { backdatedMs: 20_000 }, -16_000],
  ['a leaf as young as its issuer says nothing', -hourMs, { issuer: leaf }, undefined],
  ['a leaf younger than its issuer', -hourMs, { issuer: { notBefore: after(-10_001) } }, -hourMs],
])('%s', (_what, skewMs, options, differenceMs) => {
  const skew = probeClockSkew(leaf, { now: after(skewMs), age: 'just-issued', ...options })
  expect(skew).toEqual(differenceMs === undefined ? undefined : { differenceMs, marginMs: 10_000 + skewMs })
})

const ca = await createTestCa({ now: after(-hourMs) })
const service =
  (): Certify =>
  async ({ csr }) => {
    const { key } = verifyCsr(parseCsr(csr), { verifier: nodeVerifier })
    const issued = await ca.issuer.issue({ identity: { spiffeId: web }, key, now })
    return { leaf: issued.der, intermediates: ca.issuer.chain, validUntil: issued.notAfter }
  }
const startWith = async (skewMs: number) =>
  createCertifyRig({
    folder: await newFolder(),
    service,
    trustAnchors: ca.trustAnchors,
    clock: createTestClock(after(skewMs)),
  })

test('the certify loop warns with the difference while the certificate is still valid', async () => {
  const rig = await startWith(-7000)
  await using _loop = rig.loop
  expect(await rig.next('clock-skew')).toEqual({ type: 'clock-skew', differenceMs: -7000, marginMs: 3000 })
  await rig.next('renewed')
})

test('the certify loop says by how much a certificate is not yet valid, before it refuses it', async () => {
  const rig = await startWith(-60_000)
  await using _loop = rig.loop
  const failed = await rig.next('failed')
  expect(failed.error).toMatchObject({ detail: { found: 'CERT_NOT_YET_VALID' } })
  expect(await rig.next('clock-skew')).toMatchObject({ differenceMs: -60_000, marginMs: -50_000 })
})

test('the certify loop says nothing when the clocks agree', async () => {
  const rig = await startWith(0)
  await using _loop = rig.loop
  await rig.next('renewed')
  expect(rig.events.all.map(({ type }) => type)).not.toContain('clock-skew')
})
