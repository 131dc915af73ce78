import { createTestCa } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { readEnvironment } from '../../proxy-client/src/environment.ts'
import { objectsInFiles } from './manifests.ts'
import { type Container, podOf, type Pod } from './pods.ts'

const { rootPem } = await createTestCa({ now: new Date() })
const objects = objectsInFiles('workload')
const pods = objects
  .filter(({ kind }) => kind === 'Deployment')
  .map((object) => ({ name: object.metadata.name, pod: podOf(object) }))

function proxyOf({ containers }: Pod): Container {
  const proxy = containers.find(({ name }) => name === 'linkerd-proxy')
  if (proxy === undefined) throw new Error('expected a container linkerd-proxy, found none')
  return proxy
}

/** The environment as the kubelet makes it: what is referred to, and what is put together of earlier variables. */
function environmentOf(pod: Pod): Readonly<Record<string, string>> {
  const fields: Readonly<Record<string, string>> = {
    'metadata.namespace': 'emojivoto',
    'spec.serviceAccountName': pod.serviceAccountName,
  }
  const env: Record<string, string> = {}
  for (const { name, value = '', valueFrom } of proxyOf(pod).env ?? []) {
    const { fieldRef, configMapKeyRef } = valueFrom ?? {}
    if (configMapKeyRef) expect(configMapKeyRef).toEqual({ name: 'linkerd-identity-trust-roots', key: 'ca-bundle.crt' })
    const own = value.replaceAll(/\$\((\w+)\)/g, (_, earlier: string) => env[earlier] ?? '')
    env[name] = configMapKeyRef ? rootPem : (fields[fieldRef?.fieldPath ?? ''] ?? own)
  }
  return env
}

describe.each(pods)('the workload $name', ({ name, pod }) => {
  const environment = readEnvironment(environmentOf(pod))

  test('is named after its own namespace and account, in the environment that the proxy reads', () => {
    expect(pod.serviceAccountName).toBe(name)
    expect(objects).toContainEqual(
      expect.objectContaining({ kind: 'ServiceAccount', metadata: { name, namespace: 'emojivoto' } }),
    )
    expect(environment.name).toMatchObject({ kind: 'spiffe' })
    expect(String(environment.name.kind === 'spiffe' && environment.name.spiffeId)).toBe(
      `spiffe://cluster.local/ns/emojivoto/sa/${name}`,
    )
  })

  test('has the three volumes of a meshed pod, where its environment says', () => {
    const mounted = new Map(proxyOf(pod).volumeMounts.map((mount) => [mount.mountPath, mount.name]))
    const volume = (path: string) => pod.volumes.find((each) => each.name === mounted.get(path))
    expect(volume(environment.directory)?.emptyDir).toMatchObject({ medium: 'Memory' })
    const [folder, file] = [environment.tokenFile.replace(/\/[^/]+$/, ''), environment.tokenFile.replace(/^.*\//, '')]
    expect(volume(folder)?.projected?.sources).toEqual([
      { serviceAccountToken: { path: file, expirationSeconds: 86_400, audience: 'identity.l5d.io' } },
    ])
    expect(volume('/var/run/linkerd/identity/trust-roots')?.configMap).toEqual({ name: 'linkerd-identity-trust-roots' })
  })

  test('asks the Service of the identity server', () => {
    const services = objectsInFiles('base').filter(({ kind }) => kind === 'Service')
    const hosts = services.map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.cluster.local`)
    expect(hosts).toContain(environment.identityService.host)
    expect(environment.identityService.port).toBe(8080)
  })
})

describe('the two workloads', () => {
  const environments = new Map(pods.map(({ name, pod }) => [name, readEnvironment(environmentOf(pod))]))
  const [web, bot] = [environments.get('web'), environments.get('vote-bot')]

  test('know each other: vote-bot calls the Service of web and expects its ID, web admits that of vote-bot', () => {
    const service = objects.find(({ kind }) => kind === 'Service')
    const { host, port } = bot?.outbound?.peer ?? {}
    expect(host).toBe(`${service?.metadata.name}.${service?.metadata.namespace}.svc.cluster.local`)
    expect(service).toMatchObject({ spec: { ports: [{ port, targetPort: 'linkerd-proxy' }] } })
    expect(web?.inbound?.listen.port).toBe(4143)
    expect(String(bot?.outbound?.peerId)).toBe('spiffe://cluster.local/ns/emojivoto/sa/web')
    const own = bot?.name.kind === 'spiffe' ? bot.name.spiffeId : undefined
    expect(own).toBeDefined()
    if (own) expect(() => web?.inbound?.authorize(own)).not.toThrow()
  })
})
