import { checkDns1123 } from './check-dns1123.ts'
import { describeAt, sharedLength, SpiffeIdError } from './errors.ts'
import { checkString } from './spiffe-id.ts'

/** What the user name of every service account begins with (Kubernetes authentication, "service account tokens"). */
export const SERVICE_ACCOUNT_USERNAME_PREFIX = 'system:serviceaccount:'

const mint: unique symbol = Symbol('mint')
let newServiceAccount: (namespace: string, name: string) => ServiceAccount

/**
 * A namespace and the name of a service account in it, both valid as Kubernetes says; frozen, and made only by this
 * package.
 *
 * That the account exists, or that someone is it, is not said here: a token review says so.
 */
export class ServiceAccount {
  /** A DNS-1123 label. */
  readonly namespace: string
  /** A DNS-1123 subdomain: it may contain dots. */
  readonly name: string
  readonly #username: string

  static {
    newServiceAccount = (namespace, name) => new ServiceAccount(mint, namespace, name)
  }

  private constructor(key: typeof mint, namespace: string, name: string) {
    if (key !== mint) throw new TypeError('this class has no public constructor; use serviceAccount')
    this.namespace = namespace
    this.name = name
    this.#username = `${SERVICE_ACCOUNT_USERNAME_PREFIX}${namespace}:${name}`
    Object.freeze(this)
  }

  /** `system:serviceaccount:<namespace>:<name>`. */
  get username(): string {
    return this.#username
  }

  /** Says whether both name the same account. */
  equals(other: ServiceAccount): boolean {
    return #username in other && other.#username === this.#username
  }

  toString(): string {
    return this.#username
  }
}

const namespaceRule = { code: 'SPIFFE_ID_NAMESPACE_INVALID', what: 'the namespace', form: 'label' } as const
const nameRule = { code: 'SPIFFE_ID_SERVICE_ACCOUNT_INVALID', what: 'the service account', form: 'subdomain' } as const

/** Checks the parts and names the account; the offsets say where the parts begin in the text they came from. */
export const readServiceAccount = (
  { namespace, name }: { readonly namespace: string; readonly name: string },
  offsets: { readonly namespace: number; readonly name: number },
): ServiceAccount => {
  checkDns1123(namespace, { ...namespaceRule, base: offsets.namespace })
  checkDns1123(name, { ...nameRule, base: offsets.name })
  return newServiceAccount(namespace, name)
}

/**
 * Names a service account by its namespace (a DNS-1123 label) and its name (a DNS-1123 subdomain).
 *
 * No trust is gained: that someone is this account is said by a token review.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_NAMESPACE_INVALID, SPIFFE_ID_SERVICE_ACCOUNT_INVALID; detail.reasons has the words of
 * Kubernetes, detail.offset counts within the part
 */
export const serviceAccount = (namespace: string, name: string): ServiceAccount => {
  checkString(namespace, 'a namespace')
  checkString(name, 'the name of a service account')
  return readServiceAccount({ namespace, name }, { namespace: 0, name: 0 })
}

/**
 * Parses the user name that Kubernetes gives a service account, `system:serviceaccount:<namespace>:<name>`.
 *
 * The second part is exactly `serviceaccount`: Linkerd takes any word there (Q27). No trust is gained: pass only a name
 * that an authority vouched for, such as the answer to a token review.
 *
 * @throws {SpiffeIdError} SPIFFE_ID_USERNAME_NOT_SERVICE_ACCOUNT, SPIFFE_ID_USERNAME_PARTS, SPIFFE_ID_NAMESPACE_INVALID,
 * SPIFFE_ID_SERVICE_ACCOUNT_INVALID; detail.offset counts within the whole user name
 * @see Kubernetes apiserver, `serviceaccount.SplitUsername`; linkerd2 `controller/identity/validator.go`
 */
export const parseServiceAccountUsername = (username: string): ServiceAccount => {
  checkString(username, 'a user name')
  const prefix = SERVICE_ACCOUNT_USERNAME_PREFIX
  if (!username.startsWith(prefix)) {
    const offset = sharedLength(username, prefix)
    const found = describeAt(username, offset)
    const message = `expected "${prefix}" at the start of the user name, found ${found} at offset ${offset}`
    throw new SpiffeIdError('SPIFFE_ID_USERNAME_NOT_SERVICE_ACCOUNT', message, {
      detail: { expected: prefix, found, offset },
    })
  }
  const colon = username.indexOf(':', prefix.length)
  const extra = colon < 0 ? username.length : username.indexOf(':', colon + 1)
  if (extra >= 0) {
    const expected = `${prefix}<namespace>:<name>`
    const found = colon < 0 ? 'no name' : 'more than four parts'
    throw new SpiffeIdError('SPIFFE_ID_USERNAME_PARTS', `expected ${expected}, found ${found}`, {
      detail: { expected, found, offset: extra },
    })
  }
  const parts = { namespace: username.slice(prefix.length, colon), name: username.slice(colon + 1) }
  return readServiceAccount(parts, { namespace: prefix.length, name: colon + 1 })
}
