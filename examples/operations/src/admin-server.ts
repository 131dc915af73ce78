import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import type { ListenAddress } from './listen-address.ts'

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

function routes({ readiness, metrics }: AdminServerOptions): Hono {
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
  app.notFound((c) => c.text('404 page not found\n', 404))
  return app
}

/** Serves `/ping`, `/live`, `/ready` (503 with reasons until ready; JSON when asked for) and `/metrics`. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = createAdaptorServer({ fetch: routes(options).fetch }) as Server
  server.headersTimeout = 15_000
  const { host, port } = options.address
  server.listen(port, host)
  await once(server, 'listening')
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
