import { dualProfile, IdentityError, linkerdProfile, spiffeProfile, statusOf } from '@meshid/identity'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dnsName, forgeCsr } from './forge-csr.ts'
import {
  bytes,
  createWorld,
  mesh,
  trustDomain,
  webLinkerdName,
  webSpiffeId,
  workloadSigner as signer,
} from './world.ts'

const csr = forgeCsr({ signer, names: [dnsName(webLinkerdName)] })
const profiles = [spiffeProfile({ trustDomain }), linkerdProfile(mesh), dualProfile(mesh)]

/** Bytes that are nearly a good CSR: cut short, with one byte changed, or with some more at the end. */
const damagedCsr = fc.oneof(
  fc.nat(csr.length).map((length) => csr.slice(0, length)),
  fc.tuple(fc.nat(csr.length - 1), fc.nat(255)).map(([offset, byte]) => csr.with(offset, byte)),
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((more) => Uint8Array.of(...csr, ...more)),
  fc.uint8Array({ maxLength: 600 }),
)
const requests = fc.record({
  identity: fc.oneof(
    fc.constantFrom(webSpiffeId, webLinkerdName),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.webUrl(),
  ),
  token: fc.oneof(fc.constant(bytes('web')), fc.uint8Array({ maxLength: 40 })),
  csr: damagedCsr,
})

test.each(profiles)('$name: whatever comes in, a leaf or a coded refusal comes out, and one event', async (profile) => {
  const { certifier, events } = await createWorld({ profile })
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const before = events.length
      const outcome: unknown = await certifier.certify(request).catch((error: unknown) => error)
      const ends = events.slice(before).filter(({ type }) => type !== 'validating')
      expect(ends).toHaveLength(1)
      if (outcome instanceof IdentityError) {
        expect(ends[0]).toMatchObject({ type: 'refused', code: outcome.code })
        expect(outcome.code).not.toBe('IDENTITY_INTERNAL')
        expect(outcome.message).toMatch(/^[\x20-\x7e]*$/)
        expect(statusOf(outcome, profile).message).toMatch(/^[\x20-\x7e]+$/)
      } else {
        expect(outcome).toHaveProperty('leaf')
        expect(ends[0]).toMatchObject({ type: 'issued' })
      }
    }),
    { numRuns: 150 },
  )
})
