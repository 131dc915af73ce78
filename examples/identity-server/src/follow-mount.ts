import type { Logger } from '@meshid/example-operations'
import { type MountEvent, type MountSnapshot, type MountWatch, watchMount } from '@meshid/mounts'
import type { Clock } from '@meshid/refresh'
import { codedText, codeOf } from './coded-text.ts'

/** What everything that follows a mount needs. */
export interface FollowOptions {
  readonly pollIntervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** What to do about a mount after its first value. */
export interface FollowMountOptions<T> extends FollowOptions {
  readonly files: readonly string[]
  readonly parse: (snapshot: MountSnapshot) => T | Promise<T>
  /** Something new was accepted. */
  readonly onChanged: (value: T) => void
  /** What lies there now was refused; told once for each reason, however often it is tried again. */
  readonly onRejected: (error: unknown) => void
  /** What was refused is gone, and the files are again those in use. */
  readonly onRestored: () => void
}

/** A value that follows its files. */
export interface FollowedMount<T> {
  /** In use. */
  readonly current: T
  /** Looks at once, also at what was refused. */
  check(): Promise<void>
}

/**
 * Reads a mount, and follows it from then on.
 *
 * Rejects with the reason when what lies there at first is refused: there is nothing to fall back on yet. Later, what is
 * in use stays in use until something better comes.
 */
export async function followMount<T>(directory: string, options: FollowMountOptions<T>): Promise<FollowedMount<T>> {
  const { files, parse, clock, pollIntervalMs, signal, onChanged } = options
  let handle: ((event: MountEvent) => void) | undefined
  const observer = (event: MountEvent): void => handle?.(event)
  const watch = watchMount<T>(directory, { files, parse, clock, pollIntervalMs, signal, observer })
  let current: T = await firstValue(watch, signal)
  const adopt = (): void => {
    current = watch.current ?? current
    onChanged(current)
  }
  handle = eventHandler(directory, { ...options, adopt })
  return {
    get current() {
      return current
    },
    check: () => watch.check(),
  }
}

async function firstValue<T>(watch: MountWatch<T>, signal: AbortSignal): Promise<T> {
  await watch.check()
  const { current } = watch
  if (current !== undefined) return current
  const { rejection } = watch.status()
  await watch[Symbol.asyncDispose]()
  signal.throwIfAborted()
  throw rejection?.error
}

type Handling = Pick<FollowMountOptions<never>, 'log' | 'onRejected' | 'onRestored'> & { readonly adopt: () => void }

function eventHandler(
  directory: string,
  { log, adopt, onRejected, onRestored }: Handling,
): (event: MountEvent) => void {
  let told: string | undefined
  return (event) => {
    const { type } = event
    if (type === 'changed' || type === 'restored') told = undefined
    if (type === 'changed') adopt()
    if (type === 'restored') onRestored()
    if (type === 'watcher-restarted') log.info(`Watching ${directory} again`)
    if (type === 'watcher-failed') {
      log.warn({ code: codeOf(event.error) }, `Error while watching ${directory}: ${codedText(event.error)}`)
    }
    if (type === 'rejected') {
      const reason = `${codeOf(event.error)} ${event.digest}`
      if (reason !== told) onRejected(event.error)
      told = reason
    }
  }
}
