import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseCertificate } from '@meshid/certificate'
import { createIdentityClient } from '@meshid/rpc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environmentOf } from '../../identity-server/test/server-process.ts'
import { createWorld, goodRequest, webSpiffeId } from '../../identity-server/test/world.ts'
import { exampleRoot, objectsInFiles, readExample } from './manifests.ts'
import { podOf } from './pods.ts'

const projectRoot = join(exampleRoot, '../..')
const dockerfile = readExample('Dockerfile')

/** The instructions of the Dockerfile, by stage. */
const stages = dockerfile
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) => {
    const [, base = '', name = ''] = /^FROM (\S+) AS (\S+)/.exec(stage) ?? []
    const all = (word: string) => [...stage.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, rest = '']) => rest)
    return { base, name, copies: all('COPY'), runs: all('RUN'), entrypoints: all('ENTRYPOINT'), users: all('USER') }
  })
const stage = (name: string) => {
  const found = stages.find((each) => each.name === name)
  if (found === undefined) throw new Error(`expected a stage ${name}, found none`)
  return found
}
const programs = ['identity-server', 'proxy-client']

let out = ''
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'meshid-image-'))
})
afterAll(() => rm(out, { recursive: true }))

/** A path of the image's build or of the image, on this machine. */
const onThisMachine = (program: string, path: string): string =>
  path
    .replace(/^\/out\//, `${out}/`)
    .replace(/^\/meshid\b/, join(out, program))
    .replace('/nodejs/bin/node', process.execPath)

async function run(command: readonly string[], options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv }) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

const entrypoint: readonly string[] = JSON.parse(stage('runtime').entrypoints[0] ?? '[]')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

describe('the Dockerfile', () => {
  test('copies only what there is, and what its context lets through', () => {
    const sources = stage('build').copies.flatMap((copy) => copy.split(' ').slice(0, -1))
    expect(sources.length).toBeGreaterThan(4)
    const admitted = readExample('Dockerfile.dockerignore').split('\n')
    for (const source of sources) {
      expect(existsSync(join(projectRoot, source)), source).toBe(true)
      expect(admitted).toContain(`!${source}`)
    }
  })

  test('leaves nothing in an image but Node and the bundle, run by nobody in particular', () => {
    expect(stage('runtime')).toMatchObject({
      base: 'gcr.io/distroless/nodejs24-debian12:nonroot',
      users: ['65532:65532'],
    })
    for (const program of programs) {
      expect(stage(program)).toMatchObject({
        base: 'runtime',
        copies: [`--from=build /out/${program} /meshid`],
        runs: [],
      })
    }
  })

  test('has a stage for each image that the manifests name', () => {
    const deployments = [...objectsInFiles('base'), ...objectsInFiles('workload')].filter(
      ({ kind }) => kind === 'Deployment',
    )
    const images = new Set(deployments.flatMap((deployment) => podOf(deployment).containers.map(({ image }) => image)))
    const { version } = JSON.parse(readExample('package.json')) as { version: string }
    expect([...images].toSorted()).toEqual(programs.map((program) => `meshid/${program}:${version}`))
    for (const image of images)
      expect(dockerfile).toContain(`--target ${image.replace(/^.*\/|:.*$/g, '')} -t ${image} .`)
  })
})

describe.each(programs)('the image of %s', (program) => {
  beforeAll(async () => {
    const command = stage('build').runs.find((each) => each.includes(` ${program} `)) ?? ''
    const words = command.split(' ').map((word) => (word === 'node' ? process.execPath : onThisMachine(program, word)))
    expect(await run(words, { cwd: projectRoot })).toMatchObject({ code: 0, stderr: '' })
  }, 60_000)

  test('holds one file to run, what its threads run, and the package.json that has its version', () => {
    const ofThreads = program === 'identity-server' ? ['app/verify-on-request.js'] : []
    expect(readdirSync(join(out, program), { recursive: true }).map(String).toSorted()).toEqual([
      'app',
      'app/main.js',
      ...ofThreads,
      'package.json',
    ])
  })

  test('starts by its entrypoint, with no environment, and says what it lacks', async () => {
    const command = entrypoint.map((word) => onThisMachine(program, word))
    const { code, stdout, stderr } = await run(command, { cwd: '/', env: {} })
    const lacking = program === 'identity-server' ? 'could not read identity trust anchors' : 'IDENTITY_DIR must be set'
    expect(stdout).toContain(lacking)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  })
})

test("the identity server's image, with the arguments of the Deployment, issues a certificate", async () => {
  await using world = await createWorld()
  const deployment = objectsInFiles('base').find(({ kind }) => kind === 'Deployment')
  const args = deployment && podOf(deployment).containers[0]?.args
  const [grpc, admin] = [await freePort(), await freePort()]
  // The mounts and ports of a pod, on this machine.
  const here = [
    `--issuer=${world.issuer.path}`,
    `--trust-roots=${world.trustRoots.path}`,
    `--service-account-dir=${world.serviceAccount.path}`,
    `--addr=127.0.0.1:${grpc}`,
    '--tls-addr=127.0.0.1:0',
    `--admin-addr=127.0.0.1:${admin}`,
    '--cores=2',
  ]
  const [node = '', ...main] = entrypoint.map((word) => onThisMachine('identity-server', word))
  const server = spawn(node, [...main, ...(args ?? []), ...here], {
    cwd: '/',
    env: environmentOf(world),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'exit')
  let log = ''
  server.stdout.on('data', (chunk) => (log += String(chunk)))
  const client = createIdentityClient({ address: `127.0.0.1:${grpc}`, credentials: 'plaintext' })
  try {
    await said(server.stdout, 'starting gRPC server on')
    expect((await fetch(`http://127.0.0.1:${admin}/ready`)).status).toBe(200)
    const { leafCertificate } = await client.certify(await goodRequest(world))
    expect(parseCertificate(leafCertificate).subjectAltNames?.uris).toEqual([webSpiffeId])
  } finally {
    client.close()
    server.kill('SIGTERM')
  }
  expect(await ended).toEqual([0, null])
  expect(log).not.toContain('thread')
}, 60_000)

/** Resolves when a program has said something; what it says after that is not kept. */
function said(output: NodeJS.ReadableStream, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    output.on('data', (chunk) => {
      log += String(chunk)
      if (log.includes(words)) resolve()
    })
    output.on('end', () => reject(new Error(`expected ${words}, found ${log}`)))
  })
}
