import { IDENTITY_NAME, identityLabels, identitySelector, type InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'

/** What keeps enough identity servers running. */
export function availabilityManifests(settings: InstallSettings): readonly Manifest[] {
  const metadata = { name: IDENTITY_NAME, namespace: settings.namespace, labels: identityLabels(settings) }
  return [
    {
      comment: 'Nodes are drained one replica at a time.',
      object: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata,
        spec: { maxUnavailable: 1, selector: { matchLabels: identitySelector(settings) } },
      },
    },
    {
      comment: `\
Signing is what costs, so the processor counts; needs metrics-server. Growing is immediate, because a mesh that restarts asks all
at once; shrinking takes ten quiet minutes.`,
      object: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: IDENTITY_NAME },
          minReplicas: 2,
          maxReplicas: 6,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          ],
          behavior: { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 600 } },
        },
      },
    },
  ]
}
