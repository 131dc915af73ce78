import { stopped, stopSignal } from '@meshid/example-operations'
import { createPair, install, startPods } from './chapters.ts'
import { layMesh, type Mesh } from './mesh.ts'
import { createFolder } from './mounts.ts'
import { parseOptions } from './options.ts'
import { voting, web } from './pods.ts'
import { rotateUnderLoad } from './scenario.ts'
import { formatSummary, judge } from './summary.ts'
import { createTimeline } from './timeline.ts'

const options = parseOptions(process.argv.slice(2))
const timeline = createTimeline({ json: options.json, start: performance.now() })
const signal = stopSignal()
const folder = await createFolder()
let mesh: Mesh | undefined

async function tell(): Promise<number> {
  const telling = { timeline, signal }
  const { authority, issuer } = await createPair(telling)

  timeline.chapter(4, 'Installing: the issuer becomes a Secret, and the identity service starts')
  mesh = await layMesh({ folder, authority, issuer, ttl: options.ttl, timeline })
  timeline.event('kubelet', `mounts in ${folder}`)
  const server = await install(mesh, authority, telling)
  await startPods(mesh, telling)

  timeline.chapter(8, `mTLS under load: leaves live ${options.ttl} and are renewed at about 70 %`)
  const traffic = await rotateUnderLoad({ mesh, authority, server, options, timeline, signal })
  const summary = judge({ web: mesh.record(web), voting: mesh.record(voting), traffic, wanted: options.rotations })
  process.stdout.write(options.json ? `${JSON.stringify({ summary })}\n` : `\n${formatSummary(summary)}\n`)
  for (const shortfall of summary.shortfalls) timeline.event('demo', `FAILED: ${shortfall}`)
  if (options.keep) await stay(mesh)
  return summary.shortfalls.length === 0 && mesh.died.length === 0 ? 0 : 1
}

async function stay({ ports }: Mesh): Promise<void> {
  timeline.event('demo', `still running: curl http://127.0.0.1:${ports.outbound}/ goes through both proxies`)
  timeline.event('demo', `the identity server says how it is at http://127.0.0.1:${ports.admin}/ready`)
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
}
process.exit()
