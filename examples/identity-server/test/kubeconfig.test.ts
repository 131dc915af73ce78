import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readKubeconfig } from '../src/kubeconfig.ts'
import { createKubeconfigTransport } from '../src/kubeconfig-transport.ts'
import { run, startServer } from './server-process.ts'
import { createWorld, goodRequest, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A kubeconfig as kubectl writes it. */
async function kubeconfig(
  user: object,
  { name = 'kubeconfig', cluster = {} }: { readonly name?: string; readonly cluster?: object } = {},
): Promise<string> {
  const path = join(world.folder, name)
  const ca = Buffer.from(world.api.caPem).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: world.api.baseUrl, 'certificate-authority-data': ca, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'linkerd' } }],
  }
  await writeFile(path, JSON.stringify(config))
  return path
}

/** A program that gives credentials, as those of the clouds do. */
async function plugin(script: string): Promise<object> {
  const file = join(world.folder, 'plugin.cjs')
  await writeFile(file, script)
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: [file] } }
}

const credential = (token: string): string =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } })

describe('--kubeconfig', () => {
  test.each<[string, () => object | Promise<object>]>([
    ['a token', () => ({ token: world.api.callerToken })],
    ['an exec plugin', () => plugin(`console.log(${JSON.stringify(credential(world.api.callerToken))})`)],
  ])('serves from outside of a cluster, with %s', async (_, user) => {
    const path = await kubeconfig(await user())
    await using server = await startServer(world, ['-kubeconfig', path, '-service-account-dir=/nowhere'], {})
    expect((await server.certify(await goodRequest(world))).leafCertificate.length).toBeGreaterThan(300)
    const review = `POST ${world.api.baseUrl}/apis/authentication.k8s.io/v1/tokenreviews 201 Created in `
    await expect.poll(() => server.log.texts.join('\n')).toContain(review)
    expect(server.log.texts.join('\n')).not.toContain(world.api.callerToken)
    await expect.poll(() => world.api.events.length).toBeGreaterThan(0)
  })

  test.each<{ readonly of: string; readonly path: () => string | Promise<string>; readonly code: string }>([
    { of: 'a file that is not there', path: () => '/nowhere/config', code: 'KUBECONFIG_UNREADABLE' },
    {
      of: 'a file that is no kubeconfig',
      path: async () => {
        await writeFile(join(world.folder, 'text'), 'just: [text')
        return join(world.folder, 'text')
      },
      code: 'KUBECONFIG_INVALID',
    },
    {
      of: 'a cluster that nobody authenticates',
      path: () => kubeconfig({ token: 't' }, { name: 'insecure', cluster: { 'insecure-skip-tls-verify': true } }),
      code: 'KUBECONFIG_INSECURE',
    },
    {
      of: 'a cluster without TLS',
      path: () => kubeconfig({ token: 't' }, { name: 'plain', cluster: { server: 'http://127.0.0.1:1' } }),
      code: 'KUBECONFIG_INSECURE',
    },
  ])('with $of: $code, FATAL, status 1', async ({ path, code }) => {
    const file = await path()
    const flags = ['-log-format=json', '-admin-addr=127.0.0.1:0', `-trust-roots=${world.trustRoots.path}`]
    const scheme = ['-identity-scheme=linkerd.io/tls', '-identity-trust-domain=cluster.local']
    const ended = await run([...flags, ...scheme, `-issuer=${world.issuer.path}`, '-kubeconfig', file])
    const last = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '') as { msg: string }
    expect({ status: ended.code, ...last }).toMatchObject({ status: 1, level: 'fatal', code })
    expect(last.msg.startsWith(`Failed to load kubeconfig: ${file}: ${code}: `)).toBe(true)
  })

  test('without the library: a coded error that says what to install', async () => {
    const missing = (): never => {
      throw new Error("Cannot find package '@kubernetes/client-node'")
    }
    await expect(readKubeconfig('/x', async () => missing())).rejects.toMatchObject({
      code: 'KUBECONFIG_LIBRARY_MISSING',
      message: expect.stringContaining('install @kubernetes/client-node') as unknown,
    })
  })

  test('without a current context', async () => {
    const path = join(world.folder, 'no-context')
    await writeFile(path, JSON.stringify({ clusters: [], users: [], contexts: [] }))
    await expect(readKubeconfig(path)).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' })
  })
})

describe('the transport of a kubeconfig', () => {
  const get = { method: 'GET', path: '/openid/v1/jwks' } as const

  async function transport(user: object, options: { readonly timeoutMs?: number; readonly cluster?: object } = {}) {
    const { timeoutMs = 5000, cluster = {} } = options
    const urls: string[] = []
    const config = await readKubeconfig(await kubeconfig(user, { name: 'direct', cluster }))
    const made = createKubeconfigTransport(config, { timeoutMs, observer: ({ url }) => void urls.push(url) })
    return { ...made, urls }
  }

  test('asks below the path of its server', async () => {
    const server = `${world.api.baseUrl}/k8s/clusters/c-1`
    using direct = await transport({ token: world.api.callerToken }, { cluster: { server } })
    expect((await direct.request(get)).status).toBe(404)
    expect(direct.urls).toEqual([`${server}${get.path}`])
  })

  test('ends with its deadline, also when the plugin hangs', async () => {
    using direct = await transport(
      await plugin('setInterval(() => {}, 60_000); setTimeout(() => process.exit(1), 3000)'),
      {
        timeoutMs: 100,
      },
    )
    await expect(direct.request(get)).rejects.toMatchObject({ code: 'TOKEN_REVIEW_TIMEOUT' })
  })

  test('does not pass on what a failing plugin wrote', async () => {
    using direct = await transport(await plugin('console.error("secret"); process.exit(1)'))
    const error: unknown = await direct.request(get).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'TOKEN_REVIEW_CREDENTIALS_UNREADABLE' })
    expect(String(error)).not.toContain('secret')
  })

  test('trusts the CA of its file alone, and gives up with its caller', async () => {
    const { rootPem } = world.ca
    const other = Buffer.from(rootPem).toString('base64')
    using wrong = await transport({ token: 't' }, { cluster: { 'certificate-authority-data': other } })
    await expect(wrong.request(get)).rejects.toMatchObject({ code: 'TOKEN_REVIEW_UNREACHABLE' })
    const controller = new AbortController()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(wrong.request({ ...get, signal: controller.signal })).rejects.toBe(reason)
  })
})
