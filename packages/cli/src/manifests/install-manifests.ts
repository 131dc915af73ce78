import { accessManifests } from './access-manifests.ts'
import { availabilityManifests } from './availability-manifests.ts'
import { deploymentManifest } from './deployment-manifest.ts'
import type { InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'
import { networkManifests } from './network-manifests.ts'
import { trustManifests } from './trust-manifests.ts'

/** Every object of an installation, in an order in which they can be applied. */
export function installManifests(settings: InstallSettings): readonly Manifest[] {
  return [
    namespaceManifest(settings),
    ...accessManifests(settings),
    ...trustManifests(settings),
    deploymentManifest(settings),
    ...networkManifests(settings),
    ...availabilityManifests(settings),
  ]
}

function namespaceManifest({ namespace }: InstallSettings): Manifest {
  const labels = { 'linkerd.io/is-control-plane': 'true', 'linkerd.io/control-plane-ns': namespace }
  return {
    comment: 'The control plane. Who may read Secrets here can sign certificates for every workload of the mesh.',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
  }
}
