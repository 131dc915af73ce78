import { stopped, stopSignal } from '@meshid/example-operations'
import { fingerprint } from '@meshid/certificate'
import { createAuthority } from './certificates.ts'
import { layMesh, type Mesh } from './mesh.ts'
import { createFolder } from './mounts.ts'
import { parseOptions } from './options.ts'
import { voting, web } from './pods.ts'
import { here } from './ports.ts'
import { rotateUnderLoad, until } from './scenario.ts'
import { formatSummary, judge } from './summary.ts'
import { createTimeline } from './timeline.ts'

const options = parseOptions(process.argv.slice(2))
const timeline = createTimeline({ json: options.json, start: performance.now() })
const signal = stopSignal()
const folder = await createFolder()
let mesh: Mesh | undefined

async function tell(): Promise<number> {
  timeline.chapter(3, 'Creating the CA pair')
  const authority = await createAuthority(new Date())
  timeline.event(
    'operator',
    `trust anchor root.linkerd.cluster.local, until ${authority.root.notAfter.toISOString().slice(0, 10)}`,
  )
  const issuer = await authority.newIssuer('identity.linkerd.cluster.local')
  timeline.event(
    'operator',
    `issuer identity.linkerd.cluster.local, signed by it, until ${issuer.certificate.notAfter.toISOString().slice(0, 10)}`,
  )

  timeline.chapter(4, 'Installing: the issuer becomes a Secret, and the identity service starts')
  mesh = await layMesh({ folder: folder.path, authority, issuer, ttl: options.ttl, timeline })
  const wait = { timeoutMs: 30_000, signal, mesh }
  const { records, ports } = mesh
  timeline.event('kubelet', `mounts in ${folder.path}`)
  const server = mesh.startServer()
  await until(() => mesh?.serving === true, 'an identity server that serves', wait)
  timeline.event('identity', `gRPC Certify on ${here(ports.grpc)}, admin on ${here(ports.admin)}`)

  timeline.chapter(
    5,
    'The trust anchor: public, the last word of trust, its private key not on any machine of the mesh',
  )
  timeline.event('kubelet', `ConfigMap linkerd-identity-trust-roots: SHA-256 ${fingerprint(authority.root)}`)

  timeline.chapter(6, 'Two pods start')
  mesh.startProxy(voting)
  mesh.startProxy(web)
  await until(() => records.every(({ hasKey }) => hasKey), 'a key and a CSR of each proxy', wait)

  timeline.chapter(7, 'The issuer: token reviewed, name built from the account, leaf signed')
  await until(
    () => records.every(({ certificates }) => certificates.length > 0),
    'a first certificate for each proxy',
    wait,
  )

  timeline.chapter(8, `mTLS under load: leaves live ${options.ttl} and are renewed at about 70 %`)
  const traffic = await rotateUnderLoad({ mesh, authority, server, options, timeline, signal })
  const summary = judge({ web: mesh.record(web), voting: mesh.record(voting), traffic, wanted: options.rotations })
  if (options.json) process.stdout.write(`${JSON.stringify({ summary })}\n`)
  else process.stdout.write(`\n${formatSummary(summary)}\n`)
  for (const shortfall of summary.shortfalls) timeline.event('demo', `FAILED: ${shortfall}`)
  if (options.keep) await stay(mesh)
  return summary.shortfalls.length === 0 && mesh.died.length === 0 ? 0 : 1
}

async function stay({ ports }: Mesh): Promise<void> {
  timeline.event(
    'demo',
    `still running: curl http://127.0.0.1:${ports.outbound}/ goes through both proxies; http://127.0.0.1:${ports.admin}/ready is the server's`,
  )
  timeline.event('demo', 'Ctrl-C ends it and removes the files')
  await stopped(signal)
}

try {
  process.exitCode = await tell()
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1
  if (!signal.aborted) timeline.event('demo', `FAILED: ${error instanceof Error ? error.message : String(error)}`)
} finally {
  await mesh?.stop()
  await folder.remove()
}
process.exit()
