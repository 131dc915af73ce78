import { CertificateError, createTrustAnchors, parseCertificate, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { SvidError, verifySvid } from '@meshid/svid'
import type { ForgedChain, GoOracle, GoVerdict } from '@meshid/testkit'
import { createTrustBundle, createTrustBundleSet, TrustBundleError } from '@meshid/trust-bundle'
import { opensslVerdicts } from './openssl-verify.ts'
import type { Verdict } from './verdict.ts'

/** Somebody who judges chains. */
export interface Judge {
  readonly name: string
  /** Whether it judges paths, or SVIDs: with which of a chain's right verdicts it is compared. */
  readonly kind: 'path' | 'svid'
  judge(chains: readonly ForgedChain[]): Promise<readonly Verdict[]>
}

/** A refusal is a coded error of these packages; anything else is a fault and fails the run. */
function verdictOf(judge: () => unknown): Verdict {
  try {
    judge()
    return { accepted: true, message: '' }
  } catch (error) {
    const isRefusal =
      error instanceof SvidError || error instanceof CertificateError || error instanceof TrustBundleError
    if (!isRefusal) throw error
    return { accepted: false, message: `${error.code}: ${error.message}` }
  }
}

const certificates = (ders: readonly Uint8Array[]) => ders.map((der) => parseCertificate(der))

/** `verifyChain` for the purpose: who the leaf is does not matter to it. */
export const verifyChainJudge: Judge = {
  name: 'verifyChain',
  kind: 'path',
  judge: async (chains) =>
    chains.map(({ chain, anchors, now, purpose }) =>
      verdictOf(() => {
        const trustAnchors = createTrustAnchors(certificates(anchors))
        verifyChain(
          { chain: certificates(chain), trustAnchors, now, purpose: `leaf-${purpose}` },
          { verifier: nodeVerifier },
        )
      }),
    ),
}

/** `verifySvid` with one bundle: that of the chain's trust domain. */
export const verifySvidJudge: Judge = {
  name: 'verifySvid',
  kind: 'svid',
  judge: async (chains) =>
    chains.map(({ chain, anchors, trustDomain, now, purpose }) =>
      verdictOf(() => {
        const contents = { trustDomain: parseTrustDomain(trustDomain), x509Authorities: certificates(anchors) }
        const bundles = createTrustBundleSet([createTrustBundle(contents)])
        verifySvid({ chain, bundles, now, purpose }, { verifier: nodeVerifier })
      }),
    ),
}

/** `openssl verify`: see opensslVerdicts for how it is asked. */
export const opensslJudge: Judge = { name: 'openssl', kind: 'path', judge: opensslVerdicts }

/** crypto/x509 and go-spiffe, which are asked at once. */
export function goJudges(oracle: GoOracle): readonly Judge[] {
  const known = new Map<readonly ForgedChain[], ReturnType<GoOracle['judge']>>()
  const answers = (chains: readonly ForgedChain[]) => {
    const asked = known.get(chains) ?? oracle.judge(chains)
    known.set(chains, asked)
    return asked
  }
  const judge = (name: string, kind: Judge['kind'], library: 'x509' | 'spiffe'): Judge => ({
    name,
    kind,
    judge: async (chains) => (await answers(chains)).map((verdicts): GoVerdict => verdicts[library]),
  })
  return [judge('crypto/x509', 'path', 'x509'), judge('go-spiffe', 'svid', 'spiffe')]
}
