import { availableParallelism, cpus } from 'node:os'

/** Where the figures were taken, as rows of a table. */
export function describeMachine(now: Date): readonly (readonly [string, string])[] {
  return [
    ['date', now.toISOString().slice(0, 10)],
    ['CPU', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores to use`],
    ['Node', process.versions.node],
    ['OpenSSL', process.versions.openssl],
    ['V8', process.versions.v8],
  ]
}
