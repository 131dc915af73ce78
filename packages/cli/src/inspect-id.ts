import {
  linkerdName,
  linkerdNameOf,
  matchId,
  parseServiceAccountUsername,
  parseSpiffeId,
  serviceAccountOf,
  SpiffeIdError,
  spiffeIdOf,
  spiffeIdOfLinkerdName,
} from '@meshid/spiffe-id'
import { CliError } from './errors.ts'
import { isLikeLinkerdName, type MeshOptions, readLinkerdName } from './read-linkerd-name.ts'
import { isLikeSpiffeId } from './read-workload-identity.ts'

/** Which of the three ways to name a workload a text is. */
export type IdKind = 'spiffe-id' | 'service-account' | 'linkerd-name'

/** One form of a name, or the reason why it cannot be given. */
export type IdForm = { readonly text: string } | { readonly missing: string }

/** A name in every form. */
export interface IdForms {
  readonly kind: IdKind
  readonly trustDomain: IdForm
  readonly spiffeId: IdForm
  readonly serviceAccount: IdForm
  readonly linkerdName: IdForm
}

const needsTrustDomain: IdForm = { missing: 'give --trust-domain' }
const needsControlNamespace: IdForm = { missing: 'give --control-namespace' }

/**
 * Says which kind of name a text is, and writes it in every form that there is enough known for. No trust is gained.
 *
 * @throws SpiffeIdError when the text is malformed, or belongs to another trust domain or control plane than the options say
 * @throws CliError CLI_ID_UNRECOGNIZED
 */
export function inspectId(text: string, options: MeshOptions = {}): IdForms {
  if (isLikeSpiffeId(text)) return formsOfSpiffeId(text, options)
  if (text.startsWith('system:')) return formsOfServiceAccount(text, options)
  if (isLikeLinkerdName(text)) return formsOfLinkerdName(text, options)
  const expected = 'a SPIFFE ID, system:serviceaccount:<namespace>:<name>, or a Linkerd name'
  const found = `another text of ${text.length} characters`
  throw new CliError('CLI_ID_UNRECOGNIZED', `name: expected ${expected}, found ${found}`, {
    detail: { expected, found },
  })
}

function formsOfSpiffeId(text: string, { trustDomain, controlNamespace }: MeshOptions): IdForms {
  const id = parseSpiffeId(text)
  if (trustDomain !== undefined) matchId.memberOf(trustDomain)(id)
  return {
    kind: 'spiffe-id',
    trustDomain: formOf(() => id.trustDomain),
    spiffeId: formOf(() => id),
    serviceAccount: formOf(() => serviceAccountOf(id)),
    linkerdName:
      controlNamespace === undefined ? needsControlNamespace : formOf(() => linkerdNameOf(id, { controlNamespace })),
  }
}

function formsOfServiceAccount(text: string, { trustDomain, controlNamespace }: MeshOptions): IdForms {
  const serviceAccount = parseServiceAccountUsername(text)
  const forms = { kind: 'service-account', serviceAccount: formOf(() => serviceAccount) } as const
  if (trustDomain === undefined) {
    return { ...forms, trustDomain: needsTrustDomain, spiffeId: needsTrustDomain, linkerdName: needsTrustDomain }
  }
  return {
    ...forms,
    trustDomain: formOf(() => trustDomain),
    spiffeId: formOf(() => spiffeIdOf(serviceAccount, trustDomain)),
    linkerdName:
      controlNamespace === undefined
        ? needsControlNamespace
        : formOf(() => linkerdName({ serviceAccount, trustDomain, controlNamespace })),
  }
}

function formsOfLinkerdName(text: string, options: MeshOptions): IdForms {
  const name = readLinkerdName(text, options)
  return {
    kind: 'linkerd-name',
    trustDomain: formOf(() => name.trustDomain),
    spiffeId: formOf(() => spiffeIdOfLinkerdName(name)),
    serviceAccount: formOf(() => name.serviceAccount),
    linkerdName: formOf(() => name),
  }
}

function formOf(make: () => { toString(): string }): IdForm {
  try {
    return { text: make().toString() }
  } catch (error) {
    if (!(error instanceof SpiffeIdError)) throw error
    return { missing: `${error.code}: ${error.message}` }
  }
}
