import { decodeAccountLabel, type DottedAccounts, encodeAccountLabel } from './account-label.ts'
import { checkDns1123 } from './check-dns1123.ts'
import { MAX_DNS1123_LABEL_BYTES } from './dns1123.ts'
import { describeAt, SpiffeIdError } from './errors.ts'
import { refuseLength } from './scan-spiffe-id.ts'
import { readServiceAccount, type ServiceAccount } from './service-account.ts'
import { checkString, type TrustDomain } from './spiffe-id.ts'

/** The longest name in bytes: a DNS name (RFC 1035 section 2.3.4), as Linkerd's proxy-identity checks. */
export const MAX_LINKERD_NAME_BYTES = 253

const mint: unique symbol = Symbol('mint')
let newLinkerdName: (parts: LinkerdNameParts, text: string) => LinkerdName

/** The mesh that a Linkerd name belongs to. */
export interface LinkerdMesh {
  /** The namespace of the control plane, a DNS-1123 label, usually `linkerd`. */
  readonly controlNamespace: string
  /** A trust domain that is also a DNS-1123 subdomain, usually `cluster.local`. */
  readonly trustDomain: TrustDomain
  /** What becomes of service accounts with dots in their names; `refuse`, as Linkerd does, by default (Q28). */
  readonly dottedAccounts?: DottedAccounts | undefined
}

/** What a Linkerd name is made of. */
export interface LinkerdNameParts extends LinkerdMesh {
  /** An account whose name is at most 63 bytes, and without dots unless the mesh writes them as underscores (Q28). */
  readonly serviceAccount: ServiceAccount
}

/**
 * The DNS name by which Linkerd calls a workload; frozen, and made only by this package.
 *
 * Valid says nothing about who may use it: trust comes from the certificate that carries it.
 *
 * @see linkerd2 `controller/identity/domain.go`
 */
export class LinkerdName implements LinkerdNameParts {
  readonly serviceAccount: ServiceAccount
  readonly controlNamespace: string
  readonly trustDomain: TrustDomain
  readonly #text: string

  static {
    newLinkerdName = (parts, text) => new LinkerdName(mint, parts, text)
  }

  private constructor(key: typeof mint, parts: LinkerdNameParts, text: string) {
    if (key !== mint) throw new TypeError('this class has no public constructor; use linkerdName')
    this.serviceAccount = parts.serviceAccount
    this.controlNamespace = parts.controlNamespace
    this.trustDomain = parts.trustDomain
    this.#text = text
    Object.freeze(this)
  }

  /** Says whether both are the same name, byte for byte. */
  equals(other: LinkerdName): boolean {
    return #text in other && other.#text === this.#text
  }

  /** `<sa>.<ns>.serviceaccount.identity.<control-ns>.<trust-domain>`. */
  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

const suffixOf = ({ controlNamespace, trustDomain }: LinkerdMesh): string => {
  checkString(controlNamespace, 'a control-plane namespace')
  const code = 'SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID'
  checkDns1123(controlNamespace, { code, what: 'the control-plane namespace', form: 'label' })
  const domainRule = { code: 'SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID', what: 'the trust domain' } as const
  const { name } = trustDomain
  checkDns1123(name, { ...domainRule, form: 'subdomain' })
  let base = 0
  for (const label of name.split('.')) {
    checkDns1123(label, { ...domainRule, what: 'each part of the trust domain', form: 'label', base })
    base += label.length + 1
  }
  return `.serviceaccount.identity.${controlNamespace}.${name}`
}

const refuseNotALabel = (name: string, dot: number): SpiffeIdError => {
  const found = dot < 0 ? `${name.length} bytes` : describeAt(name, dot)
  const expected = 'the service account as one DNS-1123 label'
  const reasons = [dot < 0 ? `must be no more than ${MAX_DNS1123_LABEL_BYTES} bytes` : 'must not contain dots']
  const why = `a Linkerd name keeps it in one DNS label, where Kubernetes allows a whole subdomain; a SPIFFE ID can carry it`
  return new SpiffeIdError(
    'SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL',
    `expected ${expected}, found ${found}: ${reasons.join()}; ${why}`,
    { detail: { expected, found, reasons, ...(dot < 0 ? {} : { offset: dot }) } },
  )
}

/** The first label of a name: the account as it is, or with its dots written as the mesh writes them. */
const accountLabel = (name: string, { dottedAccounts }: LinkerdMesh): string => {
  const dot = dottedAccounts === 'underscore' ? -1 : name.indexOf('.')
  if (dot >= 0 || name.length > MAX_DNS1123_LABEL_BYTES) throw refuseNotALabel(name, dot)
  return encodeAccountLabel(name)
}

/**
 * Names a service account as Linkerd does: `<sa>.<ns>.serviceaccount.identity.<control-ns>.<trust-domain>`.
 *
 * In a mesh with `dottedAccounts: 'underscore'` each dot in the name of the account is written as `_`; every other name is
 * the same as without.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL (Kubernetes allows dots in the name of a service
 * account, and 253 bytes; this form does not: Q28), SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID,
 * SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID, SPIFFE_ID_LINKERD_NAME_TOO_LONG (over 253 bytes)
 * @see linkerd2 `controller/identity/domain.go`, `controller/identity/validator.go`
 */
export const linkerdName = (parts: LinkerdNameParts): LinkerdName => {
  const { namespace, name } = parts.serviceAccount
  const suffix = suffixOf(parts)
  const text = `${accountLabel(name, parts)}.${namespace}${suffix}`
  if (text.length > MAX_LINKERD_NAME_BYTES) {
    throw refuseLength('SPIFFE_ID_LINKERD_NAME_TOO_LONG', text.length, MAX_LINKERD_NAME_BYTES)
  }
  return newLinkerdName(parts, text)
}

const refuseSuffix = (text: string, suffix: string): SpiffeIdError => {
  let same = 0
  while (same < text.length && text.at(-1 - same) === suffix.at(-1 - same)) same += 1
  const offset = Math.max(text.length - 1 - same, 0)
  const found = same === text.length ? 'start of text' : describeAt(text, offset)
  const message = `expected a name that ends with "${suffix}", found ${found} at offset ${offset}`
  return new SpiffeIdError('SPIFFE_ID_LINKERD_NAME_SUFFIX', message, { detail: { expected: suffix, found, offset } })
}

/** The account of a label; where dots are written as underscores, a dot that is written as a dot is none of ours. */
const accountOfLabel = (label: string, { dottedAccounts }: LinkerdMesh): string => {
  if (dottedAccounts !== 'underscore') return label
  const dot = label.indexOf('.')
  if (dot >= 0) throw refuseNotALabel(label, dot)
  return decodeAccountLabel(label)
}

/**
 * Parses the name by which Linkerd calls a workload of one mesh, exactly as it is written: no case is folded, no trailing
 * dot is stripped. Each account has one name: in a mesh with `dottedAccounts: 'underscore'`, dots as such are refused too.
 *
 * No trust is gained: the name is well-formed and of this mesh, not proven.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_LINKERD_NAME_TOO_LONG, SPIFFE_ID_LINKERD_NAME_SUFFIX, SPIFFE_ID_LINKERD_NAME_PARTS,
 * SPIFFE_ID_NAMESPACE_INVALID, SPIFFE_ID_SERVICE_ACCOUNT_INVALID, SPIFFE_ID_LINKERD_SERVICE_ACCOUNT_NOT_A_LABEL,
 * SPIFFE_ID_LINKERD_CONTROL_NAMESPACE_INVALID, SPIFFE_ID_LINKERD_TRUST_DOMAIN_INVALID
 * @see linkerd2 `controller/identity/domain.go`
 */
export const parseLinkerdName = (text: string, mesh: LinkerdMesh): LinkerdName => {
  checkString(text, 'a Linkerd name')
  const suffix = suffixOf(mesh)
  if (text.length > MAX_LINKERD_NAME_BYTES) {
    throw refuseLength('SPIFFE_ID_LINKERD_NAME_TOO_LONG', text.length, MAX_LINKERD_NAME_BYTES)
  }
  if (!text.endsWith(suffix)) throw refuseSuffix(text, suffix)
  const head = text.slice(0, -suffix.length)
  const dot = head.lastIndexOf('.')
  if (dot < 0) {
    const expected = '<service-account>.<namespace>'
    throw new SpiffeIdError('SPIFFE_ID_LINKERD_NAME_PARTS', `expected ${expected} before "${suffix}", found one part`, {
      detail: { expected, found: 'one part', offset: head.length },
    })
  }
  const account = { namespace: head.slice(dot + 1), name: accountOfLabel(head.slice(0, dot), mesh) }
  return linkerdName({ ...mesh, serviceAccount: readServiceAccount(account, { namespace: dot + 1, name: 0 }) })
}
