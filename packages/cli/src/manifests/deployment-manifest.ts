import { identityPodSpec } from './identity-pod.ts'
import { IDENTITY_NAME, identityLabels, identitySelector, type InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'

/** The identity server itself. */
export function deploymentManifest(settings: InstallSettings): Manifest {
  const { namespace } = settings
  const matchLabels = { ...identitySelector(settings), 'linkerd.io/proxy-deployment': IDENTITY_NAME }
  const labels = identityLabels(settings)
  return {
    comment: `\
The server ends TLS itself, with a certificate that it issues to itself, so it has no sidecar and no port without TLS.
Two replicas that know nothing of each other: serial numbers are random, and every answer is signed by the Secret's issuer.
Modes are decimal: 288 is 0440. A pod that ends lingers for 5 s and then has 10 s for the calls in flight, of 30 s in all.`,
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: IDENTITY_NAME, namespace, labels },
      spec: {
        replicas: 2,
        selector: { matchLabels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: {
            labels: { ...labels, ...matchLabels },
            annotations: {
              'linkerd.io/inject': 'disabled',
              'prometheus.io/scrape': 'true',
              'prometheus.io/port': '9990',
              'prometheus.io/path': '/metrics',
            },
          },
          spec: identityPodSpec(settings, matchLabels),
        },
      },
    },
  }
}
