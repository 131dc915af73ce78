import { createGoOracle, forgeChains } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'

const go = await createGoOracle()
const now = new Date('2026-11-21T12:00:00Z')

describe.skipIf(go === undefined)('the Go oracle', () => {
  test('tells who it is', () => {
    expect(go?.version).toMatch(/^go1\.\d+/)
  })

  test('judges chains in their order, at the time that it is told', async () => {
    const [good] = forgeChains({ seed: 1, count: 1, now })
    if (go === undefined || good === undefined) throw new Error('expected a chain')
    const later = { ...good, now: new Date('2099-01-01T00:00:00Z') }
    const nothing = { ...good, chain: [new Uint8Array()] }
    const elsewhere = { ...good, trustDomain: 'other.test' }
    const verdicts = await go.judge([good, later, nothing, elsewhere])
    expect(verdicts.map(({ x509 }) => x509.accepted)).toEqual([true, false, false, true])
    expect(verdicts.map(({ spiffe }) => spiffe.accepted)).toEqual([true, false, false, false])
    expect(verdicts[0]?.x509.message).toBe('')
    expect(verdicts[1]?.spiffe.message).toContain('expired')
  })

  test('judges none', async () => {
    expect(await go?.judge([])).toEqual([])
  })
})
