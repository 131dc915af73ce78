import { statusFailure } from './status.ts'
import type { ApiAnswer } from './request.ts'

/** What a role can allow here; the verb is always `create`. */
export type ApiPermission = 'tokenreviews' | 'serviceaccounts/token' | 'events'

interface Resource {
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

const resources: Readonly<Record<ApiPermission, Resource>> = {
  tokenreviews: { group: 'authentication.k8s.io', resource: 'tokenreviews', subresource: '' },
  'serviceaccounts/token': { group: '', resource: 'serviceaccounts', subresource: 'token' },
  events: { group: '', resource: 'events', subresource: '' },
}

/** RBAC, as far as the stand-in needs it: user names and what each may create. */
export interface Authorizer {
  grant(username: string, permission: ApiPermission): void
  revoke(username: string, permission: ApiPermission): void
  allows(username: string, permission: ApiPermission): boolean
}

/** Makes an authorizer that allows nothing. */
export function createAuthorizer(): Authorizer {
  const granted = new Set<string>()
  const key = (username: string, permission: ApiPermission): string => `${permission} ${username}`
  return {
    grant: (username, permission) => void granted.add(key(username, permission)),
    revoke: (username, permission) => void granted.delete(key(username, permission)),
    allows: (username, permission) => granted.has(key(username, permission)),
  }
}

/** Finds the permission that the `resourceAttributes` of an access review ask about. */
export function permissionOf(attributes: Readonly<Record<'verb' | keyof Resource, string>>): ApiPermission | undefined {
  if (attributes.verb !== 'create') return undefined
  for (const [permission, { group, resource, subresource }] of Object.entries(resources)) {
    if (attributes.group === group && attributes.resource === resource && attributes.subresource === subresource) {
      return permission as ApiPermission
    }
  }
  return undefined
}

/** The 403 answer, word for word. */
export function forbidden(
  permission: ApiPermission,
  { username, namespace, name }: { readonly username: string; readonly namespace?: string; readonly name?: string },
): ApiAnswer {
  const { group, resource } = resources[permission]
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return statusFailure({
    code: 403,
    reason: 'Forbidden',
    message: `${what} is forbidden: User "${username}" cannot create resource "${permission}" in API group "${group}" ${where}`,
    details: { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
  })
}
