import { type DottedAccounts, type LinkerdMesh, linkerdName, serviceAccount } from '@meshid/spiffe-id'
import { type LinkerdAnswerOptions, linkerdAnswersOf } from './linkerd-answers.ts'
import type { Profile } from './profile.ts'

/**
 * Linkerd's contract: a caller asks for `<account>.<namespace>.serviceaccount.identity.<control-namespace>.<trust-domain>`
 * by a CSR with exactly that DNS name, and gets a leaf with that one DNS name. Statuses and messages are Linkerd's.
 *
 * An account whose name has dots is refused, as Linkerd refuses it: `Not a label: a.b` (Q28).
 *
 * @throws SpiffeIdError SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID, SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID,
 * SPIFFE_ID_LINKERD_NAME_TOO_LONG when no account could have a name in this mesh
 * @throws RangeError for an `issuerInvalidStatus` that is none
 * @see linkerd2 `pkg/identity/service.go`, `controller/identity/domain.go`
 */
export function linkerdProfile(mesh: ProfileMesh, options: LinkerdAnswerOptions = {}): Profile {
  const names = Object.freeze({ linkerd: checkMesh(mesh, 'refuse') })
  return Object.freeze({ name: 'linkerd', names, answers: linkerdAnswersOf(options) })
}

/** The mesh of a profile; what becomes of accounts with dots is decided by the profile. */
export type ProfileMesh = Omit<LinkerdMesh, 'dottedAccounts'>

/** Tries the shortest name, so that a mesh that cannot name anybody is found at the start. */
export function checkMesh({ controlNamespace, trustDomain }: ProfileMesh, dottedAccounts: DottedAccounts): LinkerdMesh {
  const mesh = Object.freeze({ controlNamespace, trustDomain, dottedAccounts })
  linkerdName({ ...mesh, serviceAccount: serviceAccount('a', 'a') })
  return mesh
}
