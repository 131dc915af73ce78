import { DRAIN_DEADLINE_MS } from '@meshid/example-identity-server/src/grpc-server.ts'
import { EVENT_FLUSH_MS } from '@meshid/example-identity-server/src/events/event-recorder.ts'
import { type Flags, parseFlags } from '@meshid/example-identity-server/src/flags.ts'
import { describe, expect, test } from 'vitest'
import { hasKubectl, kustomizations, kustomize, objectsInFiles } from './manifests.ts'
import type { KubernetesObject } from './model.ts'
import { type Container, podOf, templateOf } from './pods.ts'

const build = (folder: string): readonly KubernetesObject[] => (hasKubectl ? kustomize(folder) : objectsInFiles(folder))
const servers = kustomizations.filter((folder) => folder === 'base' || (hasKubectl && folder.startsWith('overlays/')))

function deploymentOf(objects: readonly KubernetesObject[]): KubernetesObject {
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  if (deployment === undefined) throw new Error('expected a Deployment, found none')
  return deployment
}

function flagsOf({ args = [] }: Container): Flags {
  const outcome = parseFlags(args)
  if (outcome.kind !== 'run') throw new Error(`expected flags that run, found: ${outcome.text}`)
  return outcome.flags
}

describe.each(servers)('the server of %s', (folder) => {
  const objects = build(folder)
  const pod = podOf(deploymentOf(objects))
  const [container] = pod.containers
  if (container === undefined) throw new Error('expected a container, found none')
  const flags = flagsOf(container)
  const mountedAt = (path: string) => {
    const mount = container.volumeMounts.find(({ mountPath }) => mountPath === path)
    return pod.volumes.find(({ name }) => name === mount?.name)
  }

  test('gets flags that the identity server has, and serves', () => {
    expect(flags).toMatchObject({
      identityTrustDomain: 'cluster.local',
      controllerNamespace: 'linkerd',
      identityIssuanceLifetime: 86_400_000,
      identityClockSkewAllowance: 20_000,
    })
  })

  test('finds each directory that it reads mounted whole, without subPath, and read-only', () => {
    expect(mountedAt(flags.issuer)?.secret).toMatchObject({ secretName: 'linkerd-identity-issuer' })
    expect(mountedAt(flags.trustRoots)?.configMap).toEqual({ name: 'linkerd-identity-trust-roots' })
    const sources = mountedAt(flags.serviceAccountDir)?.projected?.sources ?? []
    const files = sources.flatMap(({ serviceAccountToken, configMap, downwardAPI }) => [
      ...(serviceAccountToken ? [serviceAccountToken.path] : []),
      ...[...(configMap?.items ?? []), ...(downwardAPI?.items ?? [])].map(({ path }) => path),
    ])
    expect(files.toSorted()).toEqual(['ca.crt', 'namespace', 'token'])
    for (const mount of container.volumeMounts) expect(mount).toMatchObject({ readOnly: true })
    for (const mount of container.volumeMounts) expect(mount).not.toHaveProperty('subPath')
  })

  test('finds the files of its scheme in the Secret, under the names that the scheme has', () => {
    const { items } = mountedAt(flags.issuer)?.secret ?? {}
    const secret = objects.find(({ kind }) => kind === 'Secret') as { data?: object } | undefined
    // cert-manager writes these three when no manifest has the Secret.
    const inSecret = Object.keys(secret?.data ?? { 'tls.crt': '', 'tls.key': '', 'ca.crt': '' })
    for (const { key } of items ?? []) expect(inSecret).toContain(key)
    const mounted = items === undefined ? inSecret : items.map(({ path }) => path)
    const wanted = flags.identityScheme === 'linkerd.io/tls' ? ['crt.pem', 'key.pem'] : ['tls.crt', 'tls.key']
    expect(mounted).toEqual(expect.arrayContaining(wanted))
  })

  test('is reached at the ports that it listens on, by probes and Services', () => {
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]))
    expect(ports.get('ident-grpc')).toBe(flags.tlsAddr?.port)
    expect(ports.get('ident-admin')).toBe(flags.adminAddr.port)
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/live', port: 'ident-admin' })
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 'ident-admin' })
    const services = objects.filter(({ kind }) => kind === 'Service')
    expect(services.map(({ metadata }) => metadata.name)).toEqual(['linkerd-identity', 'linkerd-identity-headless'])
    for (const { spec } of services) {
      expect(spec).toMatchObject({ ports: [{ name: 'grpc', port: 8080, targetPort: 'ident-grpc' }] })
    }
  })

  test('shows the network no port without TLS', () => {
    expect(flags.addr.host).toBe('127.0.0.1')
    expect([...container.ports.values()].map(({ containerPort }) => containerPort)).not.toContain(flags.addr.port)
  })

  test('may end in peace: the grace is longer than lingering, draining and the last events together', () => {
    const script = container.lifecycle?.preStop.exec.command.at(-1) ?? ''
    const lingerMs = Number(/, (\d+)\)$/.exec(script)?.[1])
    expect(lingerMs).toBeGreaterThan(0)
    const graceMs = (pod.terminationGracePeriodSeconds ?? 0) * 1000
    expect(graceMs).toBeGreaterThan(lingerMs + DRAIN_DEADLINE_MS + EVENT_FLUSH_MS + 5000)
  })

  test('is selected by its Services, policy, budget and Deployment, and by nothing else', () => {
    const { labels = {} } = templateOf(deploymentOf(objects)).metadata
    const selectors = objects.flatMap(({ kind, spec }) => selectorOf(kind, spec))
    expect(selectors).toHaveLength(5)
    for (const selector of selectors) expect(labels).toMatchObject(selector)
  })
})

/** The labels that an object selects pods by. */
function selectorOf(kind: string, spec: unknown): readonly object[] {
  const { selector, podSelector } = (spec ?? {}) as {
    selector?: { matchLabels?: object }
    podSelector?: { matchLabels: object }
  }
  if (kind === 'NetworkPolicy') return podSelector ? [podSelector.matchLabels] : []
  return selector === undefined ? [] : [selector.matchLabels ?? selector]
}

describe('the account of the server', () => {
  const base = objectsInFiles('base')
  const find = (kind: string): KubernetesObject | undefined => base.find((object) => object.kind === kind)

  test('may ask for token reviews and post events, and nothing more', () => {
    expect(find('ClusterRole')?.['rules']).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ])
    expect(find('ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: find('ClusterRole')?.metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: 'linkerd-identity', namespace: 'linkerd' }],
    })
    expect(base.filter(({ kind }) => kind.endsWith('Binding'))).toHaveLength(1)
  })

  test('has no token but the one that the pod asks for, which rotates', () => {
    expect(find('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false })
    expect(podOf(deploymentOf(base)).automountServiceAccountToken).toBe(false)
  })
})
