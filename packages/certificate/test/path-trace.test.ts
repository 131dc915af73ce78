import {
  createPathTrace,
  createTrustAnchors,
  MAX_SIGNATURE_CHECKS,
  type PathEvent,
  type PathTrace,
  verifyChain,
  type VerifyChainInput,
} from '@meshid/certificate'
import { nobleVerifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { authority, hours, key, leaf, type Link, now } from './forge.ts'
import { codeOf } from './refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const workload = leaf(id, { by: issuer })

type Judged = Extract<PathEvent, { type: 'judged' }>

/** The events of a verification, with its verdict: a code, or nothing. */
function traced(links: readonly Link[], anchors: readonly Link[] = [root], at: Date = now) {
  const input: VerifyChainInput = {
    chain: links.map(({ certificate }) => certificate),
    trustAnchors: createTrustAnchors(anchors.map(({ certificate }) => certificate)),
    now: at,
    purpose: 'leaf',
  }
  const events: PathEvent[] = []
  const verdictOf = (trace?: PathTrace): string => {
    try {
      verifyChain(input, { verifier: nobleVerifier, trace })
      return 'accepted'
    } catch (error) {
      return codeOf(() => {
        throw error
      })
    }
  }
  const verdict = verdictOf(createPathTrace((event) => events.push(event)))
  expect(verdict, 'a trace changes no verdict').toBe(verdictOf())
  return { events, judged: events.filter((event): event is Judged => event.type === 'judged'), verdict }
}

function verdictsOf({ checks }: Judged): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict]))
}

describe('a trace', () => {
  test('tells of each link in its order, and of the path that was found', () => {
    const { events, judged } = traced([workload, issuer])
    expect(judged.map(({ role, subject }) => [role, subject])).toEqual([
      ['target', workload.certificate],
      ['intermediate', issuer.certificate],
      ['anchor', root.certificate],
    ])
    expect(judged.map(({ below }) => below.length)).toEqual([0, 1, 2])
    expect(events.at(-1)).toEqual({
      type: 'found',
      path: [workload.certificate, issuer.certificate, root.certificate],
      anchor: root.certificate,
    })
  })

  test('has every check by name, with what it looked at', () => {
    const [target, intermediate, anchor] = traced([workload, issuer]).judged
    expect(target?.checks.map(({ check }) => check)).toEqual([
      'purpose',
      'extended-key-usage',
      'critical-extensions',
      'policies',
      'serial-number',
      'validity',
    ])
    expect(intermediate?.checks.map(({ check }) => check)).toEqual([
      'authority',
      'critical-extensions',
      'policies',
      'extended-key-usage',
      'serial-number',
      'path-length',
      'validity',
      'signature',
      'name-constraints',
    ])
    const evidence = Object.fromEntries((intermediate?.checks ?? []).map((record) => [record.check, record.evidence]))
    expect(evidence).toMatchObject({
      authority: { basicConstraints: 'CA:TRUE', keyUsage: ['keyCertSign', 'crlSign'] },
      'critical-extensions': { critical: ['basicConstraints', 'keyUsage'] },
      'extended-key-usage': { expected: ['serverAuth', 'clientAuth'], found: 'none, which allows all' },
      'path-length': { limit: 0, found: 0 },
      validity: { notBefore: hours(-1).toISOString(), notAfter: hours(24).toISOString(), now: now.toISOString() },
      signature: { algorithm: 'ecdsa-sha256', issuerAlgorithm: 'P-256', keyIdentifiers: 'same' },
      'name-constraints': { permitted: [], excluded: [] },
    })
    expect(evidence['signature']?.['issuerKeyIdentifier']).toBe(evidence['signature']?.['authorityKeyIdentifier'])
    expect(new Set(anchor?.checks.map(({ verdict }) => verdict))).toEqual(new Set(['passed']))
  })

  test('goes on judging a link after its first refusal, which alone is the verdict', () => {
    const old = authority('issuer', { by: root, pathLength: 0, notBefore: hours(-9), notAfter: hours(-8) })
    const { judged, verdict } = traced([workload, old])
    expect(verdict).toBe('CERT_EXPIRED')
    const record = judged[1]
    if (record === undefined) throw new Error('expected a second link')
    expect(verdictsOf(record)).toMatchObject({ validity: 'refused', signature: 'passed', authority: 'passed' })
    expect(record.checks.find(({ check }) => check === 'validity')?.refusal).toMatchObject({ code: 'CERT_EXPIRED' })
  })

  test('tells of every issuer that was tried, and of ends without one', () => {
    const impostor = authority('issuer', { by: root, key: key(81) })
    const lonely = authority('issuer', { by: authority('gone'), pathLength: 0 })
    const { events, judged, verdict } = traced([workload, impostor, lonely])
    expect(verdict).toBe('CERT_UNKNOWN_ISSUER')
    expect(judged.slice(1).map(({ subject }) => subject)).toEqual([lonely.certificate, impostor.certificate])
    expect(events.find(({ type }) => type === 'no-issuer')).toMatchObject({
      below: [workload.certificate, lonely.certificate],
      refusal: { code: 'CERT_UNKNOWN_ISSUER', detail: { issuer: 'CN=gone' } },
    })
    expect(verdictsOf(judged[2] as Judged)).toMatchObject({ signature: 'refused' })
    expect(events.some(({ type }) => type === 'found')).toBe(false)
  })

  test('tells of a target that is refused itself', () => {
    const { judged, verdict } = traced([workload, issuer], [root], hours(48))
    expect(verdict).toBe('CERT_EXPIRED')
    expect(judged).toHaveLength(1)
  })

  test('costs no more signatures than two budgets', () => {
    let asked = 0
    const links = Array.from({ length: 9 }, (_, index) =>
      authority('x', { key: key(index + 1), notBefore: hours(-9), notAfter: hours(-8) }),
    )
    const first = leaf(id, { by: { certificate: links[0]?.certificate ?? root.certificate, key: key(1) } })
    const input: VerifyChainInput = {
      chain: [first, ...links].map(({ certificate }) => certificate),
      trustAnchors: createTrustAnchors([root.certificate]),
      now,
      purpose: 'leaf',
    }
    const records: string[] = []
    const trace = createPathTrace((event) => {
      if (event.type === 'judged') records.push(...Object.values(verdictsOf(event)))
    })
    const limits = { maxSignatureChecks: 4 }
    expect(codeOf(() => verifyChain(input, { trace, limits, verifier: { verify: () => ++asked > 0 } }))).toBe(
      'CERT_EXPIRED',
    )
    expect(asked).toBe(4)
    expect(records.filter((verdict) => verdict === 'not-run')).toHaveLength(5)
    expect(MAX_SIGNATURE_CHECKS).toBe(32)
  })
})
