import { dualProfile, linkerdProfile, type Profile, spiffeProfile } from '@meshid/identity'
import { parseTrustDomain } from '@meshid/spiffe-id'
import type { Flags } from './flags.ts'

/**
 * The profile that the flags ask for.
 *
 * @throws SpiffeIdError when trust domain or control-plane namespace cannot be part of a name
 */
export function selectProfile(flags: Flags): Profile {
  const trustDomain = parseTrustDomain(flags.identityTrustDomain)
  const mesh = { trustDomain, controlNamespace: flags.controllerNamespace }
  if (flags.profile === 'spiffe') return spiffeProfile({ trustDomain })
  return flags.profile === 'linkerd' ? linkerdProfile(mesh) : dualProfile(mesh)
}
