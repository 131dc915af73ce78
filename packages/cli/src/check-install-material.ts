import {
  type Certificate,
  createIssuer,
  createTrustAnchors,
  encodeCertificatePem,
  type Issuer,
  parseCertificate,
  type TrustAnchors,
} from '@meshid/certificate'
import { isSameKey, type PrivateKey } from '@meshid/keys'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { CliError } from './errors.ts'
import type { InstallMaterial } from './manifests/install-settings.ts'
import { formatInstant } from './print.ts'

const DAY_MS = 86_400_000

/** Warnings come this long before an end, or in the last third of a life if that is shorter (Linkerd Q45). */
export const EXPIRY_WARNING_MS: number = 60 * DAY_MS

/** What an operator wants to install. */
export interface GivenMaterial {
  /** The issuer first, then what leads up to an anchor. */
  readonly chain: readonly Certificate[]
  readonly privateKey: PrivateKey
  readonly anchors: readonly Certificate[]
  readonly now: Date
  /** Takes an issuer that is an anchor itself. */
  readonly allowOneTier: boolean
}

/** What may be installed, and what its operator should know. */
export interface CheckedMaterial {
  readonly material: InstallMaterial
  readonly warnings: readonly string[]
}

/**
 * Checks what is to be installed as the identity server would, by a trial issuance, and a little more strictly: every anchor is in
 * time, and the issuer is none of them. What comes back is written anew: certificates and one key, and nothing else the files had.
 *
 * @throws CliError CLI_INSTALL_ONE_TIER, CLI_ANCHOR_OUT_OF_TIME
 * @throws CertificateError as `createTrustAnchors` and `createIssuer` do
 */
export async function checkInstallMaterial(given: GivenMaterial): Promise<CheckedMaterial> {
  const { chain, privateKey, anchors, now, allowOneTier } = given
  const trustAnchors = createTrustAnchors(anchors)
  for (const anchor of trustAnchors.certificates) checkInTime(anchor, now)
  if (!allowOneTier) checkTiers(chain, trustAnchors)
  const issuer = await createIssuer(
    { chain, signer: createNodeSigner(privateKey), trustAnchors, now },
    { verifier: nodeVerifier },
  )
  const warnings = [
    expiryWarning('issuer', issuer.certificate, now),
    ...trustAnchors.certificates.map((anchor) => expiryWarning('trust anchor', anchor, now)),
  ]
  const material = {
    issuerCertificate: chainOf(issuer).map(encodeCertificatePem).join(''),
    issuerKey: privateKey.toPkcs8Pem(),
    trustAnchors: trustAnchors.certificates.map(encodeCertificatePem).join(''),
  }
  return { material, warnings: warnings.filter((warning) => warning !== undefined) }
}

/** Without the root, which everybody has; an issuer that is the root stays. */
function chainOf({ certificate, chain }: Issuer): readonly Certificate[] {
  return chain.length === 0 ? [certificate] : chain.map((der) => parseCertificate(der))
}

function checkInTime(anchor: Certificate, now: Date): void {
  if (anchor.notBefore <= now && now.getTime() < anchor.notAfter.getTime() + 1000) return
  const expected = `a trust anchor that is valid at ${formatInstant(now)}`
  const found = `one from ${formatInstant(anchor.notBefore)} until ${formatInstant(anchor.notAfter)}`
  const message = `${anchor.subject.text()}: expected ${expected}, found ${found}`
  throw new CliError('CLI_ANCHOR_OUT_OF_TIME', message, { detail: { expected, found } })
}

/** Whoever holds the key of an anchor can make any issuer; in the cluster it could not be taken back (Linkerd Q49). */
function checkTiers([issuer]: readonly Certificate[], { certificates }: TrustAnchors): void {
  if (issuer === undefined || !certificates.some(({ publicKey }) => isSameKey(publicKey, issuer.publicKey))) return
  const expected = 'an issuer below a trust anchor'
  const found = 'one with the key of a trust anchor itself'
  const message = `${issuer.subject.text()}: expected ${expected}, found ${found}`
  throw new CliError('CLI_INSTALL_ONE_TIER', message, { detail: { expected, found } })
}

function expiryWarning(what: string, { subject, notBefore, notAfter }: Certificate, now: Date): string | undefined {
  const lifeMs = notAfter.getTime() - notBefore.getTime()
  const leftMs = notAfter.getTime() - now.getTime()
  if (leftMs >= Math.min(EXPIRY_WARNING_MS, lifeMs / 3)) return undefined
  const left = leftMs < DAY_MS ? 'less than a day' : `${Math.floor(leftMs / DAY_MS)} days`
  return `the ${what} ${subject.text()} ends in ${left}, on ${formatInstant(notAfter)}; renew it soon`
}
