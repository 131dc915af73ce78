import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import type { ListenAddress } from './listen-address.ts'
import { createProfiler, MAX_PROFILE_SECONDS, type Profiler } from './profiler.ts'

/** One thing that readiness waits for, or that a reader of `/ready` should know although it is ready. */
export interface ReadinessNote {
  /** For example `waiting for the first certificate: identity service unreachable`. */
  readonly reason: string
  readonly code?: string
  readonly since?: Date
  readonly nextAttemptAt?: Date
}

export interface Readiness {
  readonly ready: boolean
  readonly notes: readonly ReadinessNote[]
}

export interface AdminServerOptions {
  readonly address: ListenAddress
  readonly readiness: () => Readiness
  readonly metrics: Registry
  /** Serves profiles of this process at `/debug/pprof/`; without it those are 404. Default false. */
  readonly profiling?: boolean
}

export interface AdminServer {
  readonly port: number
  close(): Promise<void>
}

function noteLine({ reason, code, since, nextAttemptAt }: ReadinessNote): string {
  const when = since ? `, since ${since.toISOString()}` : ''
  const next = nextAttemptAt ? `, next attempt ${nextAttemptAt.toISOString()}` : ''
  return `${code ? `${code}: ` : ''}${reason}${when}${next}\n`
}

function routes({ readiness, metrics }: AdminServerOptions, profiler: Profiler | undefined): Hono {
  const app = new Hono()
  app.get('/ping', (c) => c.text('pong\n'))
  app.get('/live', (c) => c.text('live\n'))
  app.get('/ready', (c) => {
    const state = readiness()
    const status = state.ready ? 200 : 503
    if (c.req.header('accept')?.includes('application/json')) return c.json(state, status)
    return c.text(`${state.ready ? 'ok' : 'not ready'}\n${state.notes.map(noteLine).join('')}`, status)
  })
  app.get('/metrics', async (c) => c.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }))
  if (profiler !== undefined) addProfiles(app, profiler)
  app.notFound((c) => c.text('404 page not found\n', 404))
  return app
}

/** `seconds` as Go's pprof takes it; 30 by default. */
function addProfiles(app: Hono, profiler: Profiler): void {
  const download = (name: string) => ({
    'content-type': 'application/json',
    'content-disposition': `attachment; filename="${name}"`,
  })
  app.get('/debug/pprof/profile', async (c) => {
    const text = c.req.query('seconds') ?? '30'
    const seconds = /^\d{1,3}$/.test(text) ? Number(text) : 0
    if (seconds < 1 || seconds > MAX_PROFILE_SECONDS) {
      return c.text(`expected seconds from 1 to ${MAX_PROFILE_SECONDS}\n`, 400)
    }
    const profile = await profiler.cpu(seconds)
    if (profile === undefined) return c.text('another CPU profile is being taken\n', 409)
    return c.body(profile, 200, download('process.cpuprofile'))
  })
  app.get('/debug/pprof/heap', async (c) => c.body(await profiler.heap(), 200, download('process.heapprofile')))
}

/**
 * Serves `/ping`, `/live`, `/ready` (503 with reasons until ready; JSON when asked for), `/metrics` and, when asked for,
 * profiles.
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const profiler = options.profiling === true ? await createProfiler() : undefined
  const server = createAdaptorServer({ fetch: routes(options, profiler).fetch }) as Server
  server.headersTimeout = 15_000
  const { host, port } = options.address
  server.listen(port, host)
  await once(server, 'listening')
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    async close() {
      profiler?.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
