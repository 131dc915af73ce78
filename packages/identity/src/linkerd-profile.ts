import { type LinkerdMesh, linkerdName, serviceAccount } from '@meshid/spiffe-id'
import { linkerdAnswers } from './linkerd-answers.ts'
import type { Profile } from './profile.ts'

/**
 * Linkerd's contract: a caller asks for `<account>.<namespace>.serviceaccount.identity.<control-namespace>.<trust-domain>`
 * by a CSR with exactly that DNS name, and gets a leaf with that one DNS name. Statuses and messages are Linkerd's.
 *
 * @throws SpiffeIdError SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID, SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID,
 * SPIFFE_ID_LINKERD_NAME_TOO_LONG when no account could have a name in this mesh
 * @see linkerd2 `pkg/identity/service.go`, `controller/identity/domain.go`
 */
export function linkerdProfile(mesh: LinkerdMesh): Profile {
  return Object.freeze({ name: 'linkerd', names: Object.freeze({ linkerd: checkMesh(mesh) }), answers: linkerdAnswers })
}

/** Tries the shortest name, so that a mesh that cannot name anybody is found at the start. */
export function checkMesh({ controlNamespace, trustDomain }: LinkerdMesh): LinkerdMesh {
  const mesh = Object.freeze({ controlNamespace, trustDomain })
  linkerdName({ ...mesh, serviceAccount: serviceAccount('a', 'a') })
  return mesh
}
