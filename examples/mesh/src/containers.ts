import { parseGoDuration } from '@meshid/example-operations'
import type { KubernetesAddress, PodMounts, ServerMounts } from './mounts.ts'
import { type Pod, spiffeIdOf, trustDomain, voting, web } from './pods.ts'
import { here, type Ports } from './ports.ts'

/** Arguments of the identity server's container; everything else is its default. */
export function serverArguments(options: { ports: Ports; mounts: ServerMounts; ttl: string }): readonly string[] {
  const { ports, mounts, ttl } = options
  return [
    `--addr=${here(ports.grpc)}`,
    `--admin-addr=${here(ports.admin)}`,
    '--controller-namespace=linkerd',
    '--identity-scheme=linkerd.io/tls',
    `--identity-trust-domain=${trustDomain}`,
    `--identity-issuance-lifetime=${ttl}`,
    `--identity-clock-skew-allowance=${parseGoDuration(ttl) < 60_000 ? '1s' : '10s'}`,
    `--issuer=${mounts.issuer.path}`,
    `--trust-roots=${mounts.trustRoots}`,
    `--service-account-dir=${mounts.serviceAccount}`,
    '--poll-interval=1s',
    '--log-format=json',
  ]
}

/** Environment of the identity server's container. */
export function serverEnvironment({ host, port }: KubernetesAddress): Record<string, string> {
  return { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) }
}

/** Environment of a proxy's container: story.md chapter 6, and where it listens and sends here. */
export function proxyEnvironment(
  pod: Pod,
  options: { mounts: PodMounts; ports: Ports; rootPem: string; appPort: number },
): Record<string, string> {
  const { mounts, ports, rootPem, appPort } = options
  const identity = {
    LINKERD2_PROXY_IDENTITY_DIR: mounts.endEntity,
    LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: rootPem,
    LINKERD2_PROXY_IDENTITY_TOKEN_FILE: mounts.tokenFile,
    LINKERD2_PROXY_IDENTITY_LOCAL_NAME: spiffeIdOf(pod),
    LINKERD2_PROXY_IDENTITY_SVC_ADDR: here(ports.grpc),
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: here(ports.proxyAdmin[pod.name]),
    LINKERD2_PROXY_LOG_FORMAT: 'json',
  }
  const inbound = {
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: here(ports.inbound),
    MESHID_INBOUND_APP_ADDR: here(appPort),
    MESHID_INBOUND_ALLOW: spiffeIdOf(web),
  }
  const outbound = {
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: here(ports.outbound),
    MESHID_OUTBOUND_PEER_ADDR: here(ports.inbound),
    MESHID_OUTBOUND_PEER_ID: spiffeIdOf(voting),
  }
  return { ...identity, ...(pod === voting ? inbound : outbound) }
}
