import { IDENTITY_NAME, identityLabels, identitySelector, type InstallSettings } from './install-settings.ts'
import type { Manifest } from './kubernetes-object.ts'

/** Behind which ports an API server is found once the Service's address is translated. */
const API_SERVER_PORTS = [443, 6443, 8443]

/** How the identity server is reached, and what it may reach. */
export function networkManifests(settings: InstallSettings): readonly Manifest[] {
  return [...serviceManifests(settings), networkPolicyManifest(settings)]
}

function serviceManifests(settings: InstallSettings): readonly Manifest[] {
  const service = (name: string, spec: Readonly<Record<string, unknown>>) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: settings.namespace, labels: identityLabels(settings) },
    spec: {
      ...spec,
      selector: identitySelector(settings),
      ports: [{ name: 'grpc', port: 8080, targetPort: 'ident-grpc', protocol: 'TCP' }],
    },
  })
  return [
    { comment: 'Where proxies ask for certificates.', object: service(IDENTITY_NAME, { type: 'ClusterIP' }) },
    {
      comment: 'The same by the addresses of the pods, for clients that spread their calls themselves, as proxies do.',
      object: service(`${IDENTITY_NAME}-headless`, { clusterIP: 'None' }),
    },
  ]
}

function networkPolicyManifest(settings: InstallSettings): Manifest {
  const anyPod = [{ namespaceSelector: {} }]
  const tcp = (port: number | string) => ({ port, protocol: 'TCP' })
  return {
    comment: `\
Every pod may ask for a certificate, because a token decides, and scrape the metrics, which are no secret. The server itself may
reach the Kubernetes API and nothing else: its address comes from the environment, so not even a name service. If the API server
of your cluster listens elsewhere than on 443, 6443 or 8443, add its port.`,
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: IDENTITY_NAME, namespace: settings.namespace, labels: identityLabels(settings) },
      spec: {
        podSelector: { matchLabels: identitySelector(settings) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: anyPod, ports: [tcp('ident-grpc'), tcp('ident-admin')] }],
        egress: [{ ports: API_SERVER_PORTS.map(tcp) }],
      },
    },
  }
}
