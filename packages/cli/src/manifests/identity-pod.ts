import { IDENTITY_NAME, type InstallSettings } from './install-settings.ts'
import { ISSUER_SECRET_NAME, TRUST_ROOTS_NAME } from './trust-manifests.ts'

/** The user and group `nonroot` of distroless images. */
const NONROOT = 65_532

/** 0440: YAML's octal numbers are read in two ways, decimal ones in one. */
const GROUP_READS = 0o440

/** How long a pod goes on after it was told to end, so that every node has forgotten it before it takes no more calls. */
const LINGER_MS = 5000

/** More than the 5 s of lingering and the 10 s in which the server lets calls finish. */
const GRACE_SECONDS = 30

/** Where Linkerd's is. Proxies come to it with TLS, which the server ends itself; without TLS it only speaks to its own pod. */
const GRPC_PORT = 8080

const identityDirectory = '/var/run/linkerd/identity'

/** The pod of the identity server. It needs no privilege, no writable disk and no name service. */
export function identityPodSpec(
  settings: InstallSettings,
  selector: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return {
    serviceAccountName: IDENTITY_NAME,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: NONROOT,
      runAsGroup: NONROOT,
      fsGroup: NONROOT,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selector },
    })),
    containers: [identityContainer(settings)],
    volumes: identityVolumes,
  }
}

function identityContainer(settings: InstallSettings) {
  return {
    name: 'identity',
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    args: serverArguments(settings),
    ports: [
      { name: 'ident-grpc', containerPort: GRPC_PORT, protocol: 'TCP' },
      { name: 'ident-admin', containerPort: 9990, protocol: 'TCP' },
    ],
    livenessProbe: probe('/live', { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 }),
    readinessProbe: probe('/ready', { periodSeconds: 5, failureThreshold: 2 }),
    lifecycle: {
      preStop: { exec: { command: ['/nodejs/bin/node', '-e', `setTimeout(() => {}, ${LINGER_MS})`] } },
    },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '384Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'identity-issuer', mountPath: `${identityDirectory}/issuer`, readOnly: true },
      { name: 'trust-roots', mountPath: `${identityDirectory}/trust-roots`, readOnly: true },
      { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ],
  }
}

function serverArguments({ namespace, trustDomain, scheme, profile }: InstallSettings): readonly string[] {
  return [
    '--log-level=info',
    `--tls-addr=:${GRPC_PORT}`,
    '--addr=127.0.0.1:8081',
    `--controller-namespace=${namespace}`,
    `--identity-trust-domain=${trustDomain}`,
    `--identity-scheme=${scheme}`,
    `--profile=${profile}`,
    '--identity-issuance-lifetime=24h0m0s',
    '--identity-clock-skew-allowance=20s',
  ]
}

function probe(path: string, times: Readonly<Record<string, number>>) {
  return { httpGet: { path, port: 'ident-admin' }, timeoutSeconds: 2, ...times }
}

/** Whole directories, never `subPath`, because a single mounted file is never updated. */
const identityVolumes = [
  { name: 'identity-issuer', secret: { secretName: ISSUER_SECRET_NAME, defaultMode: GROUP_READS } },
  { name: 'trust-roots', configMap: { name: TRUST_ROOTS_NAME } },
  {
    name: 'kube-api-access',
    projected: {
      defaultMode: GROUP_READS,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  },
]
