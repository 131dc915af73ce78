import { type LinkerdAnswerOptions, linkerdAnswersOf } from './linkerd-answers.ts'
import { checkMesh, type ProfileMesh } from './linkerd-profile.ts'
import type { Profile } from './profile.ts'

/**
 * Both at once, so that a mesh can move from one to the other: a caller asks by either name, and gets a leaf with the DNS
 * name first and then the SPIFFE ID as its URI name. Statuses and messages are Linkerd's, whose proxies are in the mesh.
 *
 * The dots in the name of an account are underscores in its DNS name: `a.b` of `ns` is `a_b.ns.serviceaccount…` (Q28). An
 * account whose name is over 63 bytes has no DNS name and gets nothing here, whichever name it asks by.
 *
 * @throws SpiffeIdError, RangeError as `linkerdProfile` does
 */
export function dualProfile(mesh: ProfileMesh, options: LinkerdAnswerOptions = {}): Profile {
  const names = Object.freeze({ spiffe: mesh.trustDomain, linkerd: checkMesh(mesh, 'underscore') })
  return Object.freeze({ name: 'dual', names, answers: linkerdAnswersOf(options) })
}
