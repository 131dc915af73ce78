import { parseCertificate, type TrustAnchors, verifyChain } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import type { CertifyResponse } from '@meshid/rpc'
import type { FleetProfile } from '../server/start-server.ts'
import type { SimulatedProxy } from './create-proxies.ts'

/** What an answer is checked against. */
export interface AnswerCheck {
  readonly profile: FleetProfile
  readonly trustAnchors: TrustAnchors
  readonly now: Date
}

/** What an answer said. */
export interface CheckedAnswer {
  /** Common name of the certificate that signed the leaf. */
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
}

/**
 * Checks an answer as a proxy does before it uses it: the chain up to the trust anchor with every signature, its own key, its own
 * name and no other, the time that was told.
 *
 * @throws CertificateError, or Error that says what was expected and found
 */
export function checkAnswer(
  proxy: SimulatedProxy,
  { leafCertificate, intermediateCertificates, validUntil }: CertifyResponse,
  { profile, trustAnchors, now }: AnswerCheck,
): CheckedAnswer {
  const leaf = parseCertificate(leafCertificate)
  const chain = [leaf, ...intermediateCertificates.map((der) => parseCertificate(der))]
  verifyChain({ chain, trustAnchors, now, purpose: 'leaf-server' }, { verifier: nodeVerifier })
  const { spki } = leaf.publicKey
  if (Buffer.compare(spki, proxy.spki) !== 0) throw new Error(`${proxy.identity}: expected its own key, found another`)
  const { uris = [], dnsNames = [] } = leaf.subjectAltNames ?? {}
  const found = profile === 'spiffe' ? [...uris, ...dnsNames] : [...dnsNames, ...uris]
  if (found.length !== 1 || found[0] !== proxy.identity)
    throw new Error(`${proxy.identity}: expected this name alone, found ${found.join(', ')}`)
  if (validUntil.getTime() !== leaf.notAfter.getTime())
    throw new Error(`${proxy.identity}: expected ${leaf.notAfter.toISOString()}, was told ${validUntil.toISOString()}`)
  return { issuer: leaf.issuer.commonName ?? '', notBefore: leaf.notBefore, notAfter: leaf.notAfter }
}
