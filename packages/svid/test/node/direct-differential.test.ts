import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { CertificateError, parseCertificate } from '@meshid/certificate'
import { decodePem, DerError } from '@meshid/der'
import type { Verifier } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain, type SpiffeId } from '@meshid/spiffe-id'
import { SvidError, verifySvid } from '@meshid/svid'
import { createDirectVerifier } from '@meshid/svid/direct'
import { type ForgedChain, forgeChains } from '@meshid/testkit'
import { createTrustBundle, createTrustBundleSet, TrustBundleError } from '@meshid/trust-bundle'
import { describe, expect, test } from 'vitest'
import { type Graft, graftId } from './graft-id.ts'

/** What both verifiers are asked. */
interface Question extends Pick<ForgedChain, 'label' | 'chain' | 'anchors' | 'trustDomain' | 'now'> {}

interface Judged {
  readonly question: Question
  /** Who it is, until when, with which key; or why not. */
  readonly direct: string | undefined
  readonly general: string
  readonly isValid: boolean
}

const told = (id: SpiffeId, notAfter: Date, spki: Uint8Array): string =>
  `${id.toString()} until ${notAfter.toISOString()} by ${Buffer.from(spki).toString('hex')}`

function directly({ chain, anchors, trustDomain, now }: Question, verifier: Verifier): string | undefined {
  const options = { trustDomain: parseTrustDomain(trustDomain), authorities: anchors, verifier }
  const svid = createDirectVerifier(options).verify(chain, now)
  return svid === undefined ? undefined : told(svid.spiffeId, svid.notAfter, svid.publicKey.spki)
}

/** What `verifySvid` says for a side of TLS; anything but a coded refusal is a fault. */
function generally(question: Question, verifier: Verifier, purpose: 'client' | 'server') {
  const { chain, anchors, now } = question
  try {
    const trustDomain = parseTrustDomain(question.trustDomain)
    const x509Authorities = anchors.map((der) => parseCertificate(der))
    const bundles = createTrustBundleSet([createTrustBundle({ trustDomain, x509Authorities })])
    const svid = verifySvid({ chain, bundles, now, purpose }, { verifier })
    return { isValid: true, says: told(svid.spiffeId, svid.notAfter, svid.leaf.publicKey.spki) }
  } catch (error) {
    const isRefusal = [SvidError, CertificateError, TrustBundleError].some((kind) => error instanceof kind)
    if (!isRefusal) throw error
    return { isValid: false, says: String(error) }
  }
}

function judge(question: Question, verifier: Verifier): Judged {
  const direct = directly(question, verifier)
  const client = generally(question, verifier, 'client')
  const server = generally(question, verifier, 'server')
  const isValid = client.isValid && server.isValid
  return { question, direct, isValid, general: client.isValid ? server.says : client.says }
}

/** Nothing is accepted directly that `verifySvid` refuses or reads in another way; returns how many were decided. */
function expectWithin(title: string, questions: readonly Question[], verifier: Verifier): readonly Judged[] {
  const judged = questions.map((question) => judge(question, verifier))
  const decided = judged.filter(({ direct }) => direct !== undefined)
  const valid = judged.filter(({ isValid }) => isValid)
  process.stdout.write(`direct, ${title}: ${judged.length} judged, ${valid.length} valid, ${decided.length} decided\n`)
  const wrong = decided.filter(({ direct, general }) => direct !== general)
  expect(wrong.map(({ question, general }) => `${question.label}: ${general}`)).toEqual([])
  return judged
}

const believer: Verifier = { verify: () => true }

/** Another seed gives other chains: `DIFFERENTIAL_SEED=7 vitest run --project svid test/node/direct`. */
const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_261_121)
const now = new Date('2026-11-21T12:00:00Z')

/** Thousands of signatures on a busy machine. */
const JUDGING_MS = 300_000

describe(`chains of seed ${seed}: what is decided directly, verifySvid says too`, () => {
  const chains = forgeChains({ seed, count: 3600, now })

  test(
    'by their signatures',
    () => {
      const judged = expectWithin('forged', chains, nodeVerifier)
      const good = judged.filter(({ question }) => question.label === 'good')
      const decided = good.filter(({ direct }) => direct !== undefined)
      process.stdout.write(`  of ${good.length} good ones ${decided.length} are plain and in order\n`)
      expect(decided.length).toBeGreaterThan(good.length / 4)
    },
    JUDGING_MS,
  )

  test(
    'when every signature is believed, so that all other rules are reached',
    () => {
      const judged = expectWithin('forged, signatures believed', chains, believer)
      expect(judged.filter(({ direct }) => direct !== undefined).length).toBeGreaterThan(500)
    },
    JUDGING_MS,
  )
})

/** A path of the conformance data. */
interface PathCase {
  readonly id: string
  readonly time: string
  readonly leaf: string
  readonly intermediates: readonly string[]
  readonly roots: readonly string[]
}

function readVectors(name: string): readonly PathCase[] {
  const path = new URL(`../../../../../shared/vectors/${name}.json.gz`, import.meta.url)
  if (existsSync(path)) return JSON.parse(gunzipSync(readFileSync(path)).toString()).testcases
  process.stderr.write(`${name}.json.gz is not in ../shared/vectors: its tests are skipped\n`)
  return []
}

function dersOf(pems: readonly string[]): readonly Uint8Array[] {
  return pems.flatMap((pem) => decodePem(pem).map(({ bytes }) => bytes))
}

/** The path as if its leaf were an SVID, which only a believer can take for one. */
function grafted({ id, time, leaf, intermediates, roots }: PathCase, graft: Graft): readonly Question[] {
  try {
    const [first = new Uint8Array()] = dersOf([leaf])
    const chain = [graftId(first, 'spiffe://td.test/ns/shop/sa/web', graft), ...dersOf(intermediates)]
    return [
      { label: `${id}, with ${graft}`, chain, anchors: dersOf(roots), trustDomain: 'td.test', now: new Date(time) },
    ]
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

describe.each(['limbo-subset', 'linkerd-fixtures'])('paths of %s with an SVID for a leaf', (name) => {
  const cases = readVectors(name)

  test.skipIf(cases.length === 0).each<Graft>(['id', 'id and usages'])(
    'whose %s was grafted on: what is decided directly, verifySvid says too',
    (graft) => {
      const questions = cases.flatMap((each) => grafted(each, graft))
      expect(questions.length).toBeGreaterThan(cases.length * 0.9)
      const judged = expectWithin(`${name}, ${graft} grafted on`, questions, believer)
      const decided = judged.filter(({ direct }) => direct !== undefined)
      expect(decided.length > 0 || graft === 'id').toBe(true)
    },
    JUDGING_MS,
  )
})
