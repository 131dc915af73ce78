import type { LinkerdMesh } from '@meshid/spiffe-id'
import { linkerdAnswers } from './linkerd-answers.ts'
import { checkMesh } from './linkerd-profile.ts'
import type { Profile } from './profile.ts'

/**
 * Both at once, so that a mesh can move from one to the other: a caller asks by either name, and gets a leaf with the DNS
 * name first and then the SPIFFE ID as its URI name. Statuses and messages are Linkerd's, whose proxies are in the mesh.
 *
 * An account whose name has dots has no Linkerd name and gets nothing here, whichever name it asks by (Q28).
 *
 * @throws SpiffeIdError as `linkerdProfile` does
 */
export function dualProfile(mesh: LinkerdMesh): Profile {
  const names = Object.freeze({ spiffe: mesh.trustDomain, linkerd: checkMesh(mesh) })
  return Object.freeze({ name: 'dual', names, answers: linkerdAnswers })
}
