import { generatePrivateKey } from '@meshid/keys'
import { createTestCa } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createCaPair, linesOfPem, meshid, meshidJson, noon, type Run, useFolder, type World } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const DAY_MS = 86_400_000

const install = (options: readonly string[] = [], world?: World): Promise<Run> =>
  meshid(
    ['install', '--crt', path('issuer.crt'), '--key', path('issuer.key'), '--anchors', path('ca.crt'), ...options],
    world,
  )

interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
}

/** What was printed, by kind and name. */
function objectsOf({ out }: Run): ReadonlyMap<string, Rendered> {
  const objects = parseAllDocuments(out).map((document) => document.toJS() as Rendered)
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]))
}

const decode = (base64 = ''): string => Buffer.from(base64, 'base64').toString()

describe('meshid install', () => {
  test('prints every object of the installation, in the order in which they are applied', async () => {
    await createCaPair(folder)
    const run = await install()
    expect(run).toMatchObject({ code: 0, err: '' })
    expect([...objectsOf(run).keys()]).toEqual([
      'Namespace/linkerd',
      'ServiceAccount/linkerd-identity',
      'ClusterRole/linkerd-linkerd-identity',
      'ClusterRoleBinding/linkerd-linkerd-identity',
      'ConfigMap/linkerd-identity-trust-roots',
      'Secret/linkerd-identity-issuer',
      'Deployment/linkerd-identity',
      'Service/linkerd-identity',
      'Service/linkerd-identity-headless',
      'NetworkPolicy/linkerd-identity',
      'PodDisruptionBudget/linkerd-identity',
      'HorizontalPodAutoscaler/linkerd-identity',
    ])
  })

  test('the files of scheme linkerd.io/tls hold the issuer and its key, the ConfigMap the anchors', async () => {
    await createCaPair(folder)
    const objects = objectsOf(await install())
    const secret = objects.get('Secret/linkerd-identity-issuer')
    expect(secret?.type).toBe('Opaque')
    expect(Object.keys(secret?.data ?? {})).toEqual(['crt.pem', 'key.pem'])
    expect(decode(secret?.data?.['crt.pem'])).toBe(await folder.read('issuer.crt'))
    expect(decode(secret?.data?.['key.pem'])).toBe(await folder.read('issuer.key'))
    const trustRoots = objects.get('ConfigMap/linkerd-identity-trust-roots')
    expect(trustRoots?.data).toEqual({ 'ca-bundle.crt': await folder.read('ca.crt') })
  })

  test('scheme kubernetes.io/tls has its three files, and the server is told', async () => {
    await createCaPair(folder)
    const run = await install(['--scheme', 'kubernetes.io/tls'])
    const secret = objectsOf(run).get('Secret/linkerd-identity-issuer')
    expect(secret?.type).toBe('kubernetes.io/tls')
    expect(Object.keys(secret?.data ?? {})).toEqual(['tls.crt', 'tls.key', 'ca.crt'])
    expect(decode(secret?.data?.['ca.crt'])).toBe(await folder.read('ca.crt'))
    expect(run.out).toContain('--identity-scheme=kubernetes.io/tls')
  })

  test('namespace, trust domain, profile and image are where they belong', async () => {
    await createCaPair(folder)
    const options =
      '--namespace mesh --trust-domain example.org --profile dual --image registry.example:5000/i@sha256:00'
    const run = await install(options.split(' '))
    const objects = [...objectsOf(run).values()]
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'mesh']))
    expect(objects[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'mesh' } })
    expect(run.out).not.toMatch(/linkerd-linkerd|: linkerd$/m)
    for (const text of [
      'name: linkerd-mesh-identity',
      '--controller-namespace=mesh',
      '--identity-trust-domain=example.org',
      '--profile=dual',
      'image: registry.example:5000/i@sha256:00',
    ]) {
      expect(run.out).toContain(text)
    }
  })

  test('--json prints one List of the same objects', async () => {
    await createCaPair(folder)
    const args = ['install', '--crt', path('issuer.crt'), '--key', path('issuer.key'), '--anchors', path('ca.crt')]
    const { json } = await meshidJson(args)
    expect(json).toEqual({ apiVersion: 'v1', kind: 'List', items: [...objectsOf(await install()).values()] })
  })

  test('what else is in the files is not installed: a key in the bundle, text around the blocks', async () => {
    await createCaPair(folder)
    const rootKey = await folder.read('ca.key')
    await folder.write('ca.crt', `my root\n${await folder.read('ca.crt')}${rootKey}`)
    const run = await install()
    expect(run).toMatchObject({ code: 0, err: expect.stringContaining('ignored the PRIVATE KEY block') })
    for (const line of linesOfPem(rootKey)) expect(run.out).not.toContain(line)
    expect(run.out).not.toContain('my root')
  })

  test('a screen gets a warning on stderr before the key; a pipe does not', async () => {
    await createCaPair(folder)
    const { err } = await install([], { outIsTerminal: true })
    expect(err).toMatch(/^meshid: note: a private key follows on this terminal; /)
    expect((await install()).err).toBe('')
  })
})

describe('meshid install refuses', () => {
  const refusal = async (code: string, options?: readonly string[], world?: World): Promise<string> => {
    const run = await install(options, world)
    expect(run).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`meshid: ${code}: `) })
    expect(run.err).toContain('\n  next: ')
    for (const line of linesOfPem(await folder.read('issuer.key'))) expect(run.err).not.toContain(line)
    return run.err
  }

  test('a key of another certificate', async () => {
    await createCaPair(folder)
    await folder.write('issuer.key', generatePrivateKey('P-256').toPkcs8Pem())
    await refusal('CERT_KEY_MISMATCH')
  })

  test('an issuer that does not lead to the anchors', async () => {
    await createCaPair(folder)
    await folder.write('ca.crt', (await createTestCa({ now: noon })).rootPem)
    await refusal('CERT_UNKNOWN_ISSUER')
  })

  test('an issuer that is no CA (Q11)', async () => {
    await createCaPair(folder)
    const ca = ['--ca', path('ca.crt'), '--ca-key', path('ca.key')]
    await meshid(['certificate', 'create', 'spiffe://td.test/a', path('issuer.crt'), path('issuer.key'), '-f', ...ca])
    await refusal('CERT_NOT_A_CA')
  })

  test('an issuer that has expired', async () => {
    await createCaPair(folder)
    await refusal('CERT_EXPIRED', [], { now: new Date(noon.getTime() + 366 * DAY_MS) })
  })

  test.each([
    ['has expired', 3651 * DAY_MS],
    ['is not valid yet', -DAY_MS],
  ])('an anchor that %s, whatever else is in the bundle', async (_, elapsedMs) => {
    await createCaPair(folder)
    const now = new Date(noon.getTime() + elapsedMs)
    const other = await createTestCa({ now })
    await folder.write('issuer.crt', other.issuerPem)
    await folder.write('issuer.key', other.issuerKey.toPkcs8Pem())
    await folder.write('ca.crt', other.rootPem + (await folder.read('ca.crt')))
    const err = await refusal('CLI_ANCHOR_OUT_OF_TIME', [], { now })
    expect(err).toContain('CN=root.linkerd.cluster.local: expected a trust anchor that is valid at ')
  })

  test('one self-signed CA as root and issuer, and says what to do instead (Q49); unless that is wanted', async () => {
    await createCaPair(folder)
    await folder.write('issuer.crt', await folder.read('ca.crt'))
    await folder.write('issuer.key', await folder.read('ca.key'))
    expect(await refusal('CLI_INSTALL_ONE_TIER')).toContain('--profile intermediate-ca')
    const run = await install(['--allow-one-tier'])
    expect(run).toMatchObject({ code: 0, err: '' })
    const secret = objectsOf(run).get('Secret/linkerd-identity-issuer')
    expect(decode(secret?.data?.['crt.pem'])).toBe(await folder.read('ca.crt'))
  })

  test.each([
    [['--namespace', 'Not A Label'], 'CLI_USAGE', 2],
    [['--image', 'an image'], 'CLI_USAGE', 2],
    [['--scheme', 'pem'], 'CLI_USAGE', 2],
    [['--profile', 'istio'], 'CLI_USAGE', 2],
    [['--trust-domain', 'Cluster.Local'], 'SPIFFE_ID_', 1],
  ])('%j', async (options, code, status) => {
    const run = await install(options)
    expect(run).toMatchObject({ code: status, out: '', err: expect.stringContaining(`meshid: ${code}`) })
  })
})

describe('meshid install warns', () => {
  test.each([
    ['8760h', 304, ''],
    [
      '8760h',
      306,
      'the issuer CN=identity.linkerd.cluster.local ends in 59 days, on 2027-03-04T12:00:00Z; renew it soon',
    ],
    ['720h', 19, ''],
    ['720h', 21, 'ends in 9 days'],
    ['48h', 1.5, 'ends in less than a day'],
  ])('of an issuer for %s, after %d days: %s (Q45: 60 days, or a third of the life)', async (life, days, warning) => {
    await createCaPair(folder)
    const ca = ['--ca', path('ca.crt'), '--ca-key', path('ca.key'), '--not-after', life]
    const args = ['certificate', 'create', 'identity.linkerd.cluster.local', path('issuer.crt'), path('issuer.key')]
    await meshid([...args, '--profile', 'intermediate-ca', '-f', ...ca])
    const { code, err } = await install([], { now: new Date(noon.getTime() + days * DAY_MS) })
    expect(code).toBe(0)
    if (warning === '') expect(err).toBe('')
    else expect(err).toMatch(/^meshid: note: the issuer /)
    expect(err).toContain(warning)
  })

  test('of an anchor that ends soon, on stderr only', async () => {
    const ca = await createTestCa({ now: noon, caLifetimeMs: 100 * DAY_MS })
    await folder.write('ca.crt', ca.rootPem)
    await folder.write('issuer.crt', ca.issuerPem)
    await folder.write('issuer.key', ca.issuerKey.toPkcs8Pem())
    const { out, err } = await install([], { now: new Date(noon.getTime() + 80 * DAY_MS) })
    expect(err).toContain('meshid: note: the trust anchor CN=root.linkerd.cluster.local ends in ')
    expect(out).not.toContain('note')
  })
})
