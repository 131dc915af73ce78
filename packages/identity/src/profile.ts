import type { LinkerdMesh, TrustDomain } from '@meshid/spiffe-id'
import type { StatusAnswers } from './status-of.ts'

/**
 * The names that a profile gives a service account: its leaf carries them all, and a request may ask by any of them.
 *
 * `linkerd` names are DNS names of a mesh, `spiffe` names are SPIFFE IDs of a trust domain; there is at least one.
 */
export type ProfileNames =
  | { readonly spiffe: TrustDomain; readonly linkerd?: LinkerdMesh | undefined }
  | { readonly spiffe?: undefined; readonly linkerd: LinkerdMesh }

/** How a mesh names its workloads and answers their requests; plain data, read by the certifier. */
export interface Profile {
  readonly name: 'spiffe' | 'linkerd' | 'dual'
  readonly names: ProfileNames
  /** What a refusal looks like on the wire. */
  readonly answers: StatusAnswers
}
