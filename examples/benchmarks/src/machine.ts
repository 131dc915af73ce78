import { availableParallelism, cpus, loadavg } from 'node:os'

/** Where and when figures were taken, as rows of a table. */
export type Machine = readonly (readonly [string, string])[]

/** Describes this machine; asked before anything runs, its load is what the others made of it. */
export function describeMachine(now: Date): Machine {
  return [
    ['date', now.toISOString().slice(0, 10)],
    ['CPU', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores to use`],
    ['load when it began', (loadavg()[0] ?? 0).toFixed(1)],
    ['Node', process.versions.node],
    ['OpenSSL', process.versions.openssl],
    ['V8', process.versions.v8],
  ]
}
