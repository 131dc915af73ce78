import { createTestCa } from '@meshid/testkit'
import { parseWorkloadName, verifyCredential } from '@meshid/workload'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOf } from './refusal.ts'
import { now, web } from './world.ts'

const ca = await createTestCa({ now })
const { privateKey, ...answer } = await ca.issue({ spiffeId: web })
const own = { name: parseWorkloadName(web.toString()), privateKey, trustAnchors: ca.trustAnchors, now }

test('no octet of the leaf can be changed: each flipped bit gives a coded refusal', () => {
  for (const [index, octet] of answer.leaf.entries()) {
    const leaf = answer.leaf.slice()
    leaf[index] = octet ^ (1 << (index & 7))
    expect(codeOf(() => verifyCredential({ ...answer, leaf }, own))).toMatch(/^WORKLOAD_/)
  }
})

test('any bytes as certificates and any instants give a coded refusal', () => {
  const bytes = fc.uint8Array({ maxLength: 300 })
  fc.assert(
    fc.property(bytes, fc.array(bytes, { maxLength: 3 }), fc.date(), (leaf, intermediates, validUntil) => {
      expect(codeOf(() => verifyCredential({ leaf, intermediates, validUntil }, own))).toMatch(/^WORKLOAD_/)
    }),
  )
})
