import {
  CertificateError,
  type ChainPurpose,
  createTrustAnchors,
  explain,
  formatExplanation,
  parseCertificate,
  type PathLimits,
  verifyChain,
} from '@meshid/certificate'
import { decodePem } from '@meshid/der'
import { nodeVerifier } from '@meshid/keys/node'
import { describe, expect, test } from 'vitest'
import { type LimboCase, readLimbo } from './limbo.ts'

const cases = readLimbo()
const limits: Partial<PathLimits> = { maxCertificates: 128, maxBytes: 0x40000 }
const bytesOf = (pems: readonly string[]): readonly Uint8Array[] =>
  pems.flatMap((pem) => decodePem(pem).map(({ bytes }) => bytes))

/** The case as bytes, so that unreadable certificates are among them. */
function questionOf({ leaf, intermediates, roots, time, kind }: LimboCase) {
  const purpose: ChainPurpose = kind === 'CLIENT' ? 'leaf-client' : 'leaf-server'
  const chain = bytesOf([leaf, ...intermediates])
  return { chain, trustAnchors: bytesOf(roots), now: new Date(time), purpose }
}

function verdictOf({ chain, trustAnchors, now, purpose }: ReturnType<typeof questionOf>): string {
  try {
    const parsed = chain.map((der) => parseCertificate(der))
    const anchors = createTrustAnchors(trustAnchors.map((der) => parseCertificate(der)))
    verifyChain({ chain: parsed, trustAnchors: anchors, now, purpose }, { verifier: nodeVerifier, limits })
    return 'accepted'
  } catch (error) {
    if (error instanceof CertificateError) return error.code
    throw error
  }
}

const explained = cases.map((limbo) => ({
  limbo,
  question: questionOf(limbo),
  explanation: explain(questionOf(limbo), { verifier: nodeVerifier, limits }),
}))

describe.skipIf(cases.length === 0)('x509-limbo, explained', { timeout: 120_000 }, () => {
  test('has the verdicts and codes of verifyChain, in every case', () => {
    const wrong = explained.flatMap(({ limbo, question, explanation: { verdict, reason } }) => {
      const found = verdict === 'accepted' ? verdict : reason?.code
      const expected = verdictOf(question)
      return found === expected ? [] : [`${limbo.id}: expected ${expected}, found ${found}`]
    })
    expect(wrong).toEqual([])
  })

  test('is never wide and never long, and each refusal says what to do', () => {
    for (const { limbo, explanation } of explained) {
      const lines = formatExplanation(explanation).split('\n')
      expect(
        lines.filter((line) => line.length > 120),
        limbo.id,
      ).toEqual([])
      expect(lines.length, limbo.id).toBeLessThan(1000)
      if (explanation.verdict === 'refused') expect(explanation.reason?.fix.length, limbo.id).toBeGreaterThan(20)
    }
  })
})
