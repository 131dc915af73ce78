import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestCa } from '@meshid/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { readEnvironment } from '../../proxy-client/src/environment.ts'
import { objectsInFiles } from './manifests.ts'
import { type Container, podOf, type Pod } from './pods.ts'

const { rootPem } = await createTestCa({ now: new Date() })
const folder = mkdtempSync(join(tmpdir(), 'meshid-workload-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The proxy reads it before it starts, so it must be on this machine. */
const tokenFile = join(folder, 'token')
writeFileSync(tokenFile, 'a token')

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

const readHere = (pod: Pod) => readEnvironment({ ...environmentOf(pod), LINKERD2_PROXY_IDENTITY_TOKEN_FILE: tokenFile })

describe.each(pods)('the workload $name', ({ name, pod }) => {
  const environment = readHere(pod)
  const declaredTokenFile = environmentOf(pod)['LINKERD2_PROXY_IDENTITY_TOKEN_FILE'] ?? ''

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
    const at = declaredTokenFile.lastIndexOf('/')
    const [directory, file] = [declaredTokenFile.slice(0, at), declaredTokenFile.slice(at + 1)]
    expect(volume(directory)?.projected?.sources).toEqual([
      { serviceAccountToken: { path: file, expirationSeconds: 86_400, audience: 'identity.l5d.io' } },
    ])
    const anchorsIn = (environment.trustAnchorsFile ?? '').replace(/\/ca-bundle\.crt$/, '')
    expect(volume(anchorsIn)?.configMap).toEqual({ name: 'linkerd-identity-trust-roots' })
  })

  test('asks the Service of the identity server, and knows its name', () => {
    const services = objectsInFiles('base').filter(({ kind }) => kind === 'Service')
    const hosts = services.map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.cluster.local`)
    expect(hosts).toContain(environment.identityService.address.host)
    expect(environment.identityService.address.port).toBe(8080)
    const { serverName } = environment.identityService
    expect(serverName?.kind === 'spiffe' && serverName.spiffeId.toString()).toBe(
      'spiffe://cluster.local/ns/linkerd/sa/linkerd-identity',
    )
  })
})

describe('the two workloads', () => {
  const [web, bot] = ['web', 'vote-bot'].map((wanted) => {
    const found = pods.find(({ name }) => name === wanted)
    if (found === undefined) throw new Error(`expected a workload ${wanted}, found none`)
    return { env: environmentOf(found.pod), read: readHere(found.pod) }
  })

  test('know each other: vote-bot calls the Service of web and expects its ID, web admits that of vote-bot', () => {
    const service = objects.find(({ kind }) => kind === 'Service')
    const { host, port } = bot?.read.outbound?.peer ?? {}
    expect(host).toBe(`${service?.metadata.name}.${service?.metadata.namespace}.svc.cluster.local`)
    expect(service).toMatchObject({ spec: { ports: [{ port, targetPort: 'linkerd-proxy' }] } })
    expect(web?.read.inbound?.listen.port).toBe(4143)
    expect(bot?.env['MESHID_OUTBOUND_PEER_ID']).toBe(web?.env['LINKERD2_PROXY_IDENTITY_LOCAL_NAME'])
    expect(web?.env['MESHID_INBOUND_ALLOW']).toBe(bot?.env['LINKERD2_PROXY_IDENTITY_LOCAL_NAME'])
  })
})
