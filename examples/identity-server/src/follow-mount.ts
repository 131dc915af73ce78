import type { Logger } from '@meshid/example-operations'
import { type MountEvent, type MountSnapshot, type MountWatch, type WatchDirectory, watchMount } from '@meshid/mounts'
import type { Clock } from '@meshid/refresh'
import { codedText, codeOf } from './coded-text.ts'

/** What everything that follows a mount needs. */
export interface FollowOptions {
  readonly pollIntervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Another way to be told of changes; default the platform's. */
  readonly watchDirectory?: WatchDirectory
}

/** What to do about a mount after its first value. */
export interface FollowMountOptions<T> extends FollowOptions {
  readonly files: readonly string[]
  /** Other sets of names, read when a file is missing. */
  readonly alternatives?: readonly (readonly string[])[]
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
  /** Looks at once, and tells of a refusal even if it is the one that was told before. */
  checkAnew(): Promise<void>
}

/**
 * Reads a mount, and follows it from then on.
 *
 * Rejects with the reason when what lies there at first is refused: there is nothing to fall back on yet. Later, what is
 * in use stays in use until something better comes.
 */
export async function followMount<T>(directory: string, options: FollowMountOptions<T>): Promise<FollowedMount<T>> {
  const { files, alternatives = [], parse, clock, pollIntervalMs, signal, watchDirectory, onChanged } = options
  let handler: MountEventHandler | undefined
  const observer = (event: MountEvent): void => handler?.handle(event)
  const watch = watchMount<T>(directory, {
    files,
    alternatives,
    parse,
    clock,
    pollIntervalMs,
    signal,
    observer,
    ...(watchDirectory === undefined ? {} : { watchDirectory }),
  })
  let current: T = await firstValue(watch, signal)
  const adopt = (): void => {
    current = watch.current ?? current
    onChanged(current)
  }
  handler = new MountEventHandler(directory, { ...options, adopt })
  return {
    get current() {
      return current
    },
    checkAnew() {
      handler?.forget()
      return watch.check()
    },
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

/** Passes the events of one mount on, each refusal once. */
class MountEventHandler {
  readonly #directory: string
  readonly #handling: Handling
  #told: string | undefined

  constructor(directory: string, handling: Handling) {
    this.#directory = directory
    this.#handling = handling
  }

  forget(): void {
    this.#told = undefined
  }

  handle(event: MountEvent): void {
    const { log, adopt, onRestored } = this.#handling
    switch (event.type) {
      case 'changed':
        this.forget()
        return adopt()
      case 'restored':
        this.forget()
        return onRestored()
      case 'rejected':
        return this.#reject(event.error, event.digest)
      case 'watcher-restarted':
        return log.info(`Watching ${this.#directory} again`)
      case 'watcher-failed':
        return log.warn(
          { code: codeOf(event.error) },
          `Error while watching ${this.#directory}: ${codedText(event.error)}`,
        )
    }
  }

  #reject(error: unknown, digest: string | undefined): void {
    const reason = `${codeOf(error)} ${digest}`
    const isNew = reason !== this.#told
    this.#told = reason
    if (isNew) this.#handling.onRejected(error)
  }
}
