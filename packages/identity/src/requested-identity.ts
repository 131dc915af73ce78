import { decodeAccountLabel, isDns1123Subdomain, isSpiffeId, type LinkerdMesh } from '@meshid/spiffe-id'
import { IdentityError } from './errors.ts'
import type { ProfileNames } from './profile.ts'
import { safeText } from './safe-text.ts'

/** A requested identity whose syntax is right; whether the caller may have it is not said. */
export interface RequestedIdentity {
  readonly form: 'spiffe' | 'linkerd'
  /** Exactly as it was requested; of the charset of its form, so safe to log. */
  readonly text: string
}

/**
 * Checks the syntax of a requested identity and says which form it has (Q7). Nothing is trusted by that.
 *
 * A Linkerd name is only checked to be a DNS name here, in lower case, with underscores in its first label if the mesh
 * writes dots so: that it is one of this mesh is decided by comparing it.
 *
 * @throws IdentityError IDENTITY_NAME_INVALID
 * @see SPIFFE-ID section 2; RFC 1123
 */
export function parseRequestedIdentity(text: string, names: ProfileNames): RequestedIdentity {
  if (names.spiffe !== undefined && isSpiffeId(text)) return { form: 'spiffe', text }
  if (names.linkerd !== undefined && isDnsName(text, names.linkerd)) return { form: 'linkerd', text }
  const expected = expectedForms(names)
  const found = safeText(text)
  throw new IdentityError('IDENTITY_NAME_INVALID', `requested identity: expected ${expected}, found ${found}`, {
    detail: { requested: found, expected, found },
  })
}

function isDnsName(text: string, { dottedAccounts }: LinkerdMesh): boolean {
  if (dottedAccounts !== 'underscore') return isDns1123Subdomain(text)
  const dot = text.indexOf('.')
  const end = dot < 0 ? text.length : dot
  return isDns1123Subdomain(decodeAccountLabel(text.slice(0, end)) + text.slice(end))
}

function expectedForms({ spiffe, linkerd }: ProfileNames): string {
  const spiffeForm = spiffe && `spiffe://${spiffe.name}/ns/<namespace>/sa/<service-account>`
  const linkerdForm =
    linkerd &&
    `<service-account>.<namespace>.serviceaccount.identity.${linkerd.controlNamespace}.${linkerd.trustDomain.name}`
  return [spiffeForm, linkerdForm].filter((form) => form !== undefined).join(' or ')
}
