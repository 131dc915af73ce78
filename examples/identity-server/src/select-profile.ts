import { dualProfile, linkerdProfile, type Profile, spiffeProfile } from '@meshid/identity'
import { dns1123LabelErrors, dns1123SubdomainErrors, parseTrustDomain, SpiffeIdError } from '@meshid/spiffe-id'
import type { Flags } from './flags.ts'
import { LinkerdWords } from './start-error.ts'

/** The flags that this is about. */
export type ProfileFlags = Pick<
  Flags,
  'profile' | 'identityTrustDomain' | 'controllerNamespace' | 'issuerInvalidStatus'
>

/**
 * The profile that the flags ask for.
 *
 * @throws LinkerdWords when trust domain or control-plane namespace cannot be part of a name
 */
export function selectProfile(flags: ProfileFlags): Profile {
  try {
    const trustDomain = parseTrustDomain(flags.identityTrustDomain)
    const mesh = { trustDomain, controlNamespace: flags.controllerNamespace }
    if (flags.profile === 'spiffe') return spiffeProfile({ trustDomain })
    const answers = { issuerInvalidStatus: flags.issuerInvalidStatus }
    return flags.profile === 'linkerd' ? linkerdProfile(mesh, answers) : dualProfile(mesh, answers)
  } catch (error) {
    if (error instanceof SpiffeIdError) throw new LinkerdWords(linkerdWords(flags) ?? error.message, error)
    throw error
  }
}

/** What Linkerd says of such names, with the first reason that Kubernetes gives. @see linkerd2 `controller/identity/domain.go` */
function linkerdWords(flags: Pick<Flags, 'identityTrustDomain' | 'controllerNamespace'>): string | undefined {
  const { identityTrustDomain: domain, controllerNamespace: label } = flags
  const [ofDomain] = dns1123SubdomainErrors(domain)
  if (ofDomain !== undefined) return `invalid domain '${domain}': ${ofDomain}`
  const [ofLabel] = dns1123LabelErrors(label)
  return ofLabel === undefined ? undefined : `invalid label '${label}': ${ofLabel}`
}
