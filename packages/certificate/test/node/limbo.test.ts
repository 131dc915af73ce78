import {
  CertificateError,
  createTrustAnchors,
  matchPeerName,
  parseCertificates,
  type PathLimits,
  verifyChain,
} from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { describe, expect, test } from 'vitest'
import { type LimboCase, readLimbo } from './limbo.ts'

const cases = readLimbo()

/** Each case has a second; a loaded machine is no hang. */
const MAX_CASE_MS = 1000

const peerKinds = { DNS: 'dns', IP: 'ip', RFC822: 'email', URI: 'uri' } as const

interface Outcome {
  readonly limbo: LimboCase
  readonly verdict: 'SUCCESS' | 'FAILURE'
  readonly code: string
  readonly cpuMs: number
}

/** Room for the pools of 36 and 100 certificates that the suite has; everything else is as for a mesh. */
const largePools: Partial<PathLimits> = { maxCertificates: 128, maxBytes: 0x40000 }

function limitsOf({ max_chain_depth: depth }: LimboCase, limits: Partial<PathLimits>): Partial<PathLimits> {
  return depth === undefined ? limits : { ...limits, maxIntermediates: depth }
}

function verify(limbo: LimboCase, limits: Partial<PathLimits>): void {
  const [leaf, ...intermediates] = [limbo.leaf, ...limbo.intermediates].flatMap((pem) => parseCertificates(pem))
  if (leaf === undefined) throw new Error('expected a leaf')
  verifyChain(
    {
      chain: [leaf, ...intermediates],
      trustAnchors: createTrustAnchors(limbo.roots.flatMap((pem) => parseCertificates(pem))),
      now: new Date(limbo.time),
      purpose: limbo.kind === 'CLIENT' ? 'leaf-client' : 'leaf-server',
    },
    { verifier: nodeVerifier, limits: limitsOf(limbo, limits) },
  )
  const { peer } = limbo
  if (peer) matchPeerName(leaf, { kind: peerKinds[peer.kind], value: peer.value })
}

/** Anything but a CertificateError is a crash, and fails the test. */
function judge(limbo: LimboCase, limits: Partial<PathLimits>): Outcome {
  const start = process.cpuUsage()
  let code = ''
  try {
    verify(limbo, limits)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw new Error(`${limbo.id} crashed`, { cause: error })
    code = error.code
  }
  const { user, system } = process.cpuUsage(start)
  return { limbo, verdict: code === '' ? 'SUCCESS' : 'FAILURE', code, cpuMs: (user + system) / 1000 }
}

const ours = cases.map((limbo) => judge(limbo, largePools))
const strict = cases.map((limbo) => judge(limbo, {}))

const isRight = ({ limbo, verdict }: Outcome): boolean => verdict === limbo.expected_result

function share(outcomes: readonly Outcome[]): string {
  return `${outcomes.filter(isRight).length}/${outcomes.length}`
}

const scored = (outcomes: readonly Outcome[]) =>
  outcomes.filter(({ limbo }) => limbo.tier === 'must' || limbo.tier === 'should')

/** Published scores of others on the same cases. */
const others = 'rustls-webpki 98.2 %, Go 97.8 %, OpenSSL -x509_strict 94.4 %, pkijs 88.6 %, @peculiar/x509 63.3 %'

function report(title: string, outcomes: readonly Outcome[]): string {
  const lines = (['must', 'should', 'advisory', 'feature'] as const).map((tier) => {
    const own = outcomes.filter(({ limbo }) => limbo.tier === tier)
    const by = (result: string) => share(own.filter(({ limbo }) => limbo.expected_result === result))
    return `  ${tier.padEnd(9)} accepted of valid ${by('SUCCESS')}, refused of invalid ${by('FAILURE')}`
  })
  const points = scored(outcomes)
  const percent = ((100 * points.filter(isRight).length) / points.length).toFixed(1)
  const slowest = outcomes.reduce((one, other) => (other.cpuMs > one.cpuMs ? other : one))
  return [
    `x509-limbo, ${title}: must and should ${percent} % (${share(points)}); others: ${others}`,
    ...lines,
    `  slowest ${slowest.cpuMs.toFixed(1)} ms (${slowest.limbo.id})`,
  ].join('\n')
}

describe.skipIf(cases.length === 0)('x509-limbo', () => {
  test('every must and every should has the verdict of the suite', () => {
    process.stdout.write(`${report('with room for large pools', ours)}\n`)
    const wrong = scored(ours).filter((outcome) => !isRight(outcome))
    expect(wrong.map(({ limbo, code }) => `${limbo.id} ${code}`)).toEqual([])
  })

  test('the length of a path is limited as it asks', () => {
    const wrong = ours.filter(({ limbo }) => limbo.tier === 'feature').filter((outcome) => !isRight(outcome))
    expect(wrong.map(({ limbo }) => limbo.id)).toEqual([])
  })

  test('no case takes long', () => {
    const slow = [...ours, ...strict].filter(({ cpuMs }) => cpuMs > MAX_CASE_MS)
    expect(slow.map(({ limbo, cpuMs }) => `${limbo.id} ${cpuMs}`)).toEqual([])
  })

  test('the limits for a mesh accept nothing invalid, and refuse of the valid only pools of 36 (X509-30)', () => {
    process.stdout.write(`${report('as for a mesh', strict)}\n`)
    const wrong = scored(strict).filter((outcome) => !isRight(outcome))
    expect(wrong.filter(({ verdict }) => verdict === 'SUCCESS').map(({ limbo }) => limbo.id)).toEqual([])
    expect(wrong.every(({ code }) => code === 'CERT_CHAIN_TOO_LONG')).toBe(true)
    expect(new Set(wrong.map(({ limbo }) => limbo.intermediates.length))).toEqual(new Set([35]))
  })

  test('of the advice, only rules for public CAs and for issuers are not followed', () => {
    const wrong = ours.filter(({ limbo }) => limbo.tier === 'advisory').filter((outcome) => !isRight(outcome))
    process.stdout.write(`advice that is not followed: ${wrong.map(({ limbo }) => limbo.id).join(', ')}\n`)
    expect(wrong.filter(({ verdict }) => verdict === 'FAILURE').map(({ limbo }) => limbo.id)).toEqual([
      'rfc5280::ca-as-leaf',
    ])
  })
})
