import { permissionOf } from './authorizer.ts'
import { field, textField } from './status.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import type { KubernetesWorld } from './world.ts'

/** `POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews`: may I? Everybody who is authenticated may ask. */
export function reviewAccess({ authorizer }: KubernetesWorld, { user, body }: ApiRequest): ApiAnswer {
  const spec = field(body, 'spec')
  const attribute = (name: string): string => textField(spec, 'resourceAttributes', name) ?? ''
  const permission = permissionOf({
    verb: attribute('verb'),
    group: attribute('group'),
    resource: attribute('resource'),
    subresource: attribute('subresource'),
  })
  const allowed = permission !== undefined && authorizer.allows(user.username, permission)
  const reason = `RBAC: allowed by ClusterRoleBinding "meshid" of ClusterRole "meshid" to User "${user.username}"`
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec,
      status: allowed ? { allowed, reason } : { allowed },
    },
  }
}
