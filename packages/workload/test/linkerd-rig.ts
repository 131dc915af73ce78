import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import type { LinkerdName } from '@meshid/spiffe-id'
import type { TestCa } from '@meshid/testkit'
import { type Credential, type LinkerdPeerTrust, parseWorkloadName, verifyCredential } from '@meshid/workload'
import { now, trustDomain } from './world.ts'

/** Trust in a CA of a Linkerd mesh, where everybody is welcome. */
export function linkerdTrustIn(ca: TestCa, changed: Partial<LinkerdPeerTrust> = {}): LinkerdPeerTrust {
  const mesh = { controlNamespace: 'linkerd', trustDomain }
  return { mesh, trustAnchors: ca.trustAnchors, authorize: () => {}, now: () => now, ...changed }
}

/** A credential for a DNS name, issued and verified. */
export async function linkerdCredential(ca: TestCa, dnsName: LinkerdName, at: Date = now): Promise<Credential> {
  const privateKey = generateNodePrivateKey('P-256')
  const issued = await ca.issuer.issue({ identity: { dnsName }, key: createNodeSigner(privateKey).key, now: at })
  const answer = { leaf: issued.der, intermediates: ca.issuer.chain, validUntil: issued.notAfter }
  const name = parseWorkloadName(dnsName.toString())
  return verifyCredential(answer, { name, privateKey, trustAnchors: ca.trustAnchors, now: at })
}
