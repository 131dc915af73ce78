import { IDENTITY_NAME, identityLabels, type InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'

/** The account of the identity server, and the two things that it may do. */
export function accessManifests(settings: InstallSettings): readonly Manifest[] {
  const { namespace } = settings
  const labels = identityLabels(settings)
  return [
    {
      comment: 'No token is mounted by itself; the Deployment asks for one that rotates.',
      object: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: IDENTITY_NAME, namespace, labels },
        automountServiceAccountToken: false,
      },
    },
    ...roleManifests(settings),
  ]
}

function roleManifests(settings: InstallSettings): readonly Manifest[] {
  const name = `linkerd-${settings.namespace}-identity`
  const metadata = { name, labels: identityLabels(settings) }
  const group = 'rbac.authorization.k8s.io'
  return [
    {
      comment: `\
Asking whose a token is, and telling what happened: nothing more. The start-up check (SelfSubjectAccessReview) needs no rule,
because system:basic-user is bound to everybody; nor do the published keys (/openid/v1/jwks), because
system:service-account-issuer-discovery is bound to every service account. A cluster that took these two away must bind them.`,
      object: {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRole',
        metadata,
        rules: [
          { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
          { apiGroups: [''], resources: ['events'], verbs: ['create'] },
        ],
      },
    },
    {
      comment:
        'In the whole cluster: tokens belong to no namespace, and events lie beside the accounts that they are about.',
      object: {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: IDENTITY_NAME, namespace: settings.namespace }],
      },
    },
  ]
}
