import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { followLog, type Log } from './log.ts'
import { freePort, type World } from './world.ts'

/** The identity server of this project in a process of its own. */
export interface IdentityServerProcess extends AsyncDisposable {
  readonly log: Log
  readonly tlsPort: number
}

const main = fileURLToPath(new URL('../../identity-server/src/main.ts', import.meta.url))
const options = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning', main]

/** What the container of the server mounts. */
async function writeMounts(folder: string, { api, ca }: World): Promise<void> {
  const files = {
    'issuer/crt.pem': ca.issuerPem,
    'issuer/key.pem': ca.issuerKey.toPkcs8Pem(),
    'trust-roots/ca-bundle.crt': ca.rootPem,
    'account/ca.crt': api.caPem,
    'account/token': api.callerToken,
    'account/namespace': 'linkerd',
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

/** Starts the server with its TLS listener, over the world's CA and API server. */
export async function startIdentityServer(world: World, profile: string): Promise<IdentityServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-identity-server-'))
  await writeMounts(folder, world)
  const tlsPort = await freePort()
  const flags = [
    `--addr=127.0.0.1:${await freePort()}`,
    `--admin-addr=127.0.0.1:${await freePort()}`,
    `--tls-addr=127.0.0.1:${tlsPort}`,
    `--profile=${profile}`,
    '--controller-namespace=linkerd',
    '--identity-trust-domain=cluster.local',
    '--identity-scheme=linkerd.io/tls',
    `--issuer=${join(folder, 'issuer')}`,
    `--trust-roots=${join(folder, 'trust-roots')}`,
    `--service-account-dir=${join(folder, 'account')}`,
    '--log-format=json',
  ]
  const { host, port } = world.api
  const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) }
  const child = spawn(process.execPath, [...options, ...flags], { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = once(child, 'close')
  return {
    log: followLog(child.stdout),
    tlsPort,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
