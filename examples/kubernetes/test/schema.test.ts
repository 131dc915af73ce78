import { createTestCa } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { installWith } from './install.ts'
import { hasKubectl, kustomizations, kustomize, objectsInFiles, parseObjects, readExample } from './manifests.ts'
import { faultsOf, type KubernetesObject } from './model.ts'

if (!hasKubectl) console.warn('no kubectl on this machine: manifests are checked as they stand, before kustomize')

const now = new Date()
const ca = await createTestCa({ now })

/** A copy in which one text stands for another, wherever it is; that there is one is part of the test. */
function replaced(object: KubernetesObject | undefined, search: string, replacement: string): KubernetesObject {
  const text = JSON.stringify(object)
  expect(text).toContain(search)
  return JSON.parse(text.replace(search, replacement))
}

const objects = objectsInFiles('base').concat(...kustomizations.slice(1).map((folder) => objectsInFiles(folder)))
const find = (kind: string, name: string): KubernetesObject | undefined =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)

describe('every manifest is what the published OpenAPI types say', () => {
  test.each(kustomizations)('the files of %s', (folder) => {
    const found = objectsInFiles(folder)
    if (!folder.endsWith('linkerd-scheme')) expect(found.length).toBeGreaterThan(1)
    expect(found.flatMap(faultsOf)).toEqual([])
  })

  test.skipIf(!hasKubectl).each(kustomizations)('what kustomize builds of %s', (folder) => {
    const built = kustomize(folder)
    expect(built.length).toBeGreaterThan(5)
    expect(built.flatMap(faultsOf)).toEqual([])
  })

  test.each([
    [[]],
    [['--scheme', 'kubernetes.io/tls']],
    [['--profile', 'linkerd', '--namespace', 'mesh', '--trust-domain', 'example.org']],
  ])('what meshid install prints with %j', async (options) => {
    const installed = parseObjects((await installWith(ca, { now, options })).out)
    expect(installed).toHaveLength(12)
    expect(installed.flatMap(faultsOf)).toEqual([])
  })
})

describe.skipIf(!hasKubectl)('kustomize', () => {
  const nameOf = ({ kind, metadata }: KubernetesObject): string =>
    `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
  const namesOf = (folder: string): readonly string[] => kustomize(folder).map(nameOf)

  test('builds the base into the objects of its files, no more and no fewer', () => {
    expect(namesOf('base').toSorted()).toEqual(objectsInFiles('base').map(nameOf).toSorted())
  })

  test.each(['overlays/cert-manager', 'overlays/cert-manager-linkerd-scheme', 'overlays/trust-manager'])(
    '%s leaves no placeholder: others write Secret and ConfigMap',
    (folder) => {
      const names = namesOf(folder)
      expect(names).toContain('Certificate/linkerd/linkerd-identity-issuer')
      expect(names.filter((name) => /^(Secret|ConfigMap)\//.test(name))).toEqual([])
    },
  )

  test('the overlay trust-manager signs with a ClusterIssuer, and has no Issuer that waits for a Secret', () => {
    const built = kustomize('overlays/trust-manager')
    expect(built.map(({ kind }) => kind)).not.toContain('Issuer')
    const certificate = built.find(({ metadata }) => metadata.name === 'linkerd-identity-issuer')
    expect(certificate).toMatchObject({ spec: { issuerRef: { kind: 'ClusterIssuer', name: 'linkerd-trust-anchor' } } })
  })
})

describe('certificates that cert-manager keeps', () => {
  const certificates = objects.filter(({ kind }) => kind === 'Certificate')

  test('are CAs with a P-256 key that is new each time, and no extended key usage (Q23)', () => {
    expect(certificates).toHaveLength(2)
    for (const { spec } of certificates) {
      expect(spec).toMatchObject({
        isCA: true,
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        usages: ['cert sign', 'crl sign'],
      })
    }
  })
})

describe('the check can fail', () => {
  test.each([
    [
      'Deployment',
      'linkerd-identity',
      '"replicas"',
      '"replica"',
      'Deployment/linkerd-identity/spec/replica: no such field',
    ],
    ['Deployment', 'linkerd-identity', '"livenessProbe"', '"livelinessProbe"', '/livelinessProbe: no such field'],
    ['Deployment', 'linkerd-identity', '"httpGet":{"path"', '"httpGet":{"pathname"', '/pathname: no such field'],
    ['Deployment', 'linkerd-identity', '"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":"yes"', 'boolean'],
    ['Deployment', 'linkerd-identity', '"selector"', '"selectors"', 'must have required property selector'],
    ['Deployment', 'web', '"medium"', '"media"', '/emptyDir/media: no such field'],
    ['Service', 'linkerd-identity', '"port":8080', '"port":"grpc"', 'integer'],
    ['ClusterRole', 'linkerd-linkerd-identity', '"verbs"', '"verb"', 'must have required property verbs'],
    ['NetworkPolicy', 'linkerd-identity', '"podSelector"', '"selector"', '/spec/selector: no such field'],
    ['HorizontalPodAutoscaler', 'linkerd-identity', '"maxReplicas":6,', '', 'must have required property maxReplicas'],
    [
      'PodDisruptionBudget',
      'linkerd-identity',
      '"maxUnavailable"',
      '"maxUnavailible"',
      '/maxUnavailible: no such field',
    ],
    [
      'Certificate',
      'linkerd-identity-issuer',
      '"rotationPolicy"',
      '"rotationpolicy"',
      '/rotationpolicy: no such field',
    ],
    ['Certificate', 'linkerd-identity-issuer', '"Always"', '"Sometimes"', 'must be equal to one of the allowed values'],
    ['Issuer', 'linkerd-trust-anchor', '"secretName"', '"secret"', 'must have required property secretName'],
    ['Bundle', 'linkerd-identity-trust-roots', '"sources"', '"source"', 'must have required property sources'],
    ['Bundle', 'linkerd-identity-trust-roots', '"namespaceSelector"', '"namespaceselector"', 'namespace'],
    ['ServiceAccount', 'web', '"v1"', '"v2"', 'v2 ServiceAccount: no such kind'],
  ])('%s %s with %s → %s', (kind, name, search, replacement, fault) => {
    const broken = faultsOf(replaced(find(kind, name), search, replacement))
    expect(broken.join('\n')).toContain(fault)
  })

  test.skipIf(!hasKubectl)('a folder that kustomize cannot build is an error', () => {
    expect(() => kustomize('test')).toThrow('kustomization')
    expect(readExample('base/deployment.yaml')).toContain('--identity-scheme=linkerd.io/tls')
  })
})
