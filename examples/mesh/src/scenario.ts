import { setTimeout as sleep } from 'node:timers/promises'
import { parseGoDuration } from '@meshid/example-operations'
import type { Authority } from './certificates.ts'
import type { Mesh } from './mesh.ts'
import { issuerFiles } from './mounts.ts'
import type { DemoOptions } from './options.ts'
import { issuersSeen, type ProxyRecord, rotations } from './record.ts'
import type { Process } from './process.ts'
import type { Timeline } from './timeline.ts'
import { startTraffic, type TrafficCount } from './traffic.ts'

/** What the scenario needs. */
export interface ScenarioOptions {
  readonly mesh: Mesh
  readonly authority: Authority
  readonly server: Process
  readonly options: DemoOptions
  readonly timeline: Timeline
  readonly signal: AbortSignal
}

/** Waits until something holds; says what was missing when it does not in time. */
export async function until(
  holds: () => boolean,
  what: string,
  options: { timeoutMs: number; signal: AbortSignal; mesh: Mesh },
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs
  while (!holds()) {
    const [dead] = options.mesh.died
    if (dead !== undefined) throw new Error(`waiting for ${what}: ${dead}`)
    if (performance.now() > deadline) throw new Error(`expected ${what} within ${options.timeoutMs / 1000} s`)
    await sleep(50, undefined, { signal: options.signal })
  }
}

/** Chapter 8: traffic flows while leaves rotate, the issuer is swapped and, if asked for, the server dies and comes back. */
export async function rotateUnderLoad(scenario: ScenarioOptions): Promise<TrafficCount> {
  const { mesh, options, timeline, signal } = scenario
  const traffic = startTraffic({
    url: `http://127.0.0.1:${mesh.ports.outbound}/`,
    perSecond: options.rps,
    timeoutMs: 5000,
  })
  const timeoutMs = 20_000 + 8 * parseGoDuration(options.ttl)
  const wait = (what: string, holds: () => boolean): Promise<void> => until(holds, what, { timeoutMs, signal, mesh })
  const ticker = setInterval(() => {
    const { requests, failures } = traffic.count()
    timeline.progress(`${requests} requests, ${failures} failed`)
  }, 200)
  try {
    await wait('a first rotation of each proxy', () => mesh.records.every((record) => rotations(record) >= 1))
    await swapIssuer(scenario)
    if (options.outage !== undefined) await suffer(scenario, parseGoDuration(options.outage), wait)
    await wait('leaves of the new issuer', () => mesh.records.every((record) => issuersSeen(record).size >= 2))
    await wait(`${options.rotations} rotations of each proxy`, () =>
      mesh.records.every((record) => rotations(record) >= options.rotations),
    )
  } finally {
    clearInterval(ticker)
    await traffic.stop()
  }
  return traffic.count()
}

async function swapIssuer({ mesh, authority, timeline }: ScenarioOptions): Promise<void> {
  const next = await authority.newIssuer('identity-2.linkerd.cluster.local')
  await mesh.serverMounts.issuer.update(issuerFiles(next))
  timeline.event('kubelet', 'the issuer Secret was swapped (..data flip): identity-2.linkerd.cluster.local')
}

/** Kills the server shortly before the proxies would renew, so that they have to try again. */
async function suffer(
  { mesh, server, options, timeline, signal }: ScenarioOptions,
  outageMs: number,
  wait: (what: string, holds: () => boolean) => Promise<void>,
): Promise<void> {
  const left = (record: ProxyRecord): number => Number(record.certificates.at(-1)?.notAfter) - Date.now()
  await wait('a leaf that has lived 55 % of its life', () =>
    mesh.records.some((record) => left(record) < 0.45 * parseGoDuration(options.ttl)),
  )
  await mesh.end(server, 'SIGKILL')
  timeline.event('identity', `killed for ${outageMs / 1000} s; the proxies go on with what they hold`)
  await sleep(outageMs, undefined, { signal })
  mesh.startServer()
  timeline.event('identity', 'started again')
}
