import { createGoOracle, type ForgedChain, forgeChains, openssl } from '@meshid/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ExpectedDisagreement, type JudgeName, knownVersions } from './expected-disagreement.ts'
import { expectedDisagreements } from './expected-disagreements.ts'
import { goJudges, type Judge, opensslJudge, verifyChainJudge, verifySvidJudge } from './judges.ts'
import { type Opinion, report } from './report.ts'
import type { Verdict } from './verdict.ts'

/** Another seed gives other chains: `DIFFERENTIAL_SEED=7 vitest run --project svid test/node/differential`. */
const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_261_121)

const COUNT = 3600
const now = new Date('2026-11-21T12:00:00Z')

/** OpenSSL is started a thousand times; on a busy machine that takes minutes. */
const JUDGING_MS = 600_000

const go = await createGoOracle()
const judges: readonly Judge[] = [
  verifyChainJudge,
  verifySvidJudge,
  opensslJudge,
  ...(go === undefined ? [] : goJudges(go)),
]
const opensslVersion = (await openssl(['version'])).stdout.toString().trim()
const versions: Readonly<Record<JudgeName, string>> = {
  openssl: opensslVersion,
  'crypto/x509': go?.version ?? 'none',
  'go-spiffe': go?.version ?? 'none',
}

const isForeign = (name: string): name is JudgeName => Object.hasOwn(knownVersions, name)
const isKnown = (name: string): boolean => !isForeign(name) || versions[name].startsWith(knownVersions[name])
const isOpposed = ({ kind }: Judge, chain: ForgedChain, verdict: Verdict): boolean =>
  verdict.accepted !== (chain[kind] === 'accept')

function expectedFor(name: string, label: string): ExpectedDisagreement | undefined {
  return expectedDisagreements.find(
    (entry) => isForeign(name) && entry.judges.includes(name) && entry.labels.includes(label),
  )
}

describe(`${COUNT} chains of seed ${seed}, judged by meshid, OpenSSL and Go`, () => {
  let chains: readonly ForgedChain[] = []
  const opinions: Opinion[] = []

  beforeAll(async () => {
    const started = performance.now()
    chains = forgeChains({ seed, count: COUNT, now })
    // Other processes begin first, and go on while this one judges.
    const asked = judges.toReversed().map(async (judge) => ({ judge, verdicts: await judge.judge(chains) }))
    opinions.push(...(await Promise.all(asked)).toReversed())
    const head = `seed ${seed}: ${COUNT} chains, ${Math.round((performance.now() - started) / 1000)} s; ${opensslVersion}; Go: ${versions['go-spiffe']}`
    process.stdout.write(`${head}\n${report(chains, opinions)}\n`)
  }, JUDGING_MS)

  test('each change of a good chain comes up at least eight times, and every fourth chain is good', () => {
    const counts = new Map<string, number>()
    for (const { label } of chains) counts.set(label, (counts.get(label) ?? 0) + 1)
    expect([...counts].filter(([, count]) => count < 8).map(([label]) => label)).toEqual([])
    expect(counts.size).toBeGreaterThan(280)
    expect(counts.get('good')).toBe(COUNT / 4)
  })

  test.each(judges)('$name accepts every good chain', (judge) => {
    const verdicts = opinions.find((opinion) => opinion.judge === judge)?.verdicts ?? []
    expect(chains.filter((chain, at) => chain.label === 'good' && verdicts[at]?.accepted !== true)).toEqual([])
  })

  test.for(judges)(
    '$name differs from the right verdict where the table says so, and nowhere else',
    (judge, { skip }) => {
      if (!isKnown(judge.name)) skip(`the table is that of another version of ${judge.name}`)
      const verdicts = opinions.find((opinion) => opinion.judge === judge)?.verdicts ?? []
      const surprises = chains.flatMap((chain, at) => {
        const verdict = verdicts[at] ?? { accepted: false, message: 'no verdict' }
        const isExpected = expectedFor(judge.name, chain.label) !== undefined
        if (isOpposed(judge, chain, verdict) === isExpected) return []
        const found = verdict.accepted ? 'accepted' : `refused (${verdict.message})`
        return [
          `${chain.label}: deserves ${chain[judge.kind]}, found ${found}${isExpected ? ', no more a disagreement' : ''}`,
        ]
      })
      expect([...new Set(surprises)]).toEqual([])
    },
  )

  test('the table speaks only of chains that are forged, and of each once', () => {
    const labels = new Set(chains.map(({ label }) => label))
    const entries = expectedDisagreements.flatMap((entry) => {
      return entry.judges.flatMap((judge) => entry.labels.map((label) => ({ judge, label })))
    })
    expect(entries.filter(({ label }) => !labels.has(label))).toEqual([])
    expect(new Set(entries.map(({ judge, label }) => `${judge} ${label}`)).size).toBe(entries.length)
  })
})
