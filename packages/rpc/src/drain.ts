import type { Server } from '@grpc/grpc-js'
import type { ConnectionInjector } from './connection-injector.ts'
import type { HealthService } from './health-service.ts'

/** Options of {@link drainServer}. */
export interface DrainOptions {
  /** How long calls in flight may take to finish; then they are cut off. */
  readonly deadlineMs: number
  /** Told first, so that its watchers learn of the end and let go of their streams. */
  readonly health?: HealthService
  /** The second door of the server, if it has one: closed first, and its connections are waited for too. */
  readonly injector?: ConnectionInjector
}

/**
 * Stops a server: no new connections and calls, calls in flight may finish until the deadline.
 *
 * @returns `'drained'` when every call finished, `'forced'` when the deadline cut some off (their handlers' signals
 * abort, their callers see UNAVAILABLE or CANCELLED; `createIdentityClient` says UNAVAILABLE for both).
 */
export function drainServer(server: Server, options: DrainOptions): Promise<'drained' | 'forced'> {
  return new Promise((resolve) => {
    const deadline = AbortSignal.timeout(options.deadlineMs)
    const onDeadline = () => {
      resolve('forced')
      server.forceShutdown()
    }
    deadline.addEventListener('abort', onDeadline, { once: true })
    const injected = options.injector?.close() ?? Promise.resolve()
    const onDrained = () => {
      deadline.removeEventListener('abort', onDeadline)
      resolve('drained')
    }
    options.health?.close()
    server.tryShutdown(() => void injected.then(onDrained))
  })
}
