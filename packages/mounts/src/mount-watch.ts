import type { MountObserver } from './mount-observer.ts'
import type { MountSnapshot } from './mount-snapshot.ts'
import type { WatchDirectory } from './watch-directory.ts'

/** The timers that a watch polls by; the clock of @meshid/refresh fits. */
export interface PollClock {
  /** Calls `callback` once after about `delayMs`; gives a function that cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void
}

/** Options of `watchMount`, without `parse`. */
export interface WatchMountOptions {
  /** Names below the directory, read as one snapshot. */
  readonly files: readonly string[]
  /** Other sets of names, of which the first that is whole is read when a file of `files` is missing. */
  readonly alternatives?: readonly (readonly string[])[]
  /** Usually `systemClock` of @meshid/refresh. */
  readonly clock: PollClock
  /** What a missed event costs at most; up to 24 h. Default 30 s. */
  readonly pollIntervalMs?: number
  /** The largest that any of the files may be. Default 1 MiB. */
  readonly maxBytes?: number
  /** Ends the watch, as disposing does. */
  readonly signal?: AbortSignal
  /** Is told what happens; cannot break the watch. */
  readonly observer?: MountObserver
  /** Another way to watch a directory, for file systems without events. Default `fs.watch`. */
  readonly watchDirectory?: WatchDirectory
}

/** `WatchMountOptions` with a judge. */
export interface ParsedMountOptions<T> extends WatchMountOptions {
  /**
   * Turns a snapshot into the value that is delivered, and throws to refuse it: a key that does not match its
   * certificate, half a file. A refused snapshot is judged again at each event and each poll. The signal aborts when
   * the watch ends.
   */
  readonly parse: (snapshot: MountSnapshot, signal: AbortSignal) => T | Promise<T>
}

/** How a watch stands. */
export interface MountStatus {
  /** That of the value in use. */
  readonly digest: string | undefined
  /** Why what lies there now is not in use, or `undefined` when it is. */
  readonly rejection: MountRejection | undefined
  /** Whether events come; polling goes on either way. */
  readonly watching: boolean
  readonly closed: boolean
}

/** The latest refusal. */
export interface MountRejection {
  readonly error: unknown
  /** How many times in a row. */
  readonly attempt: number
  readonly digest: string | undefined
}

/** A value that follows the files; see `watchMount`. */
export interface MountWatch<T> extends AsyncDisposable {
  /** The latest accepted value, or `undefined` before the first. */
  readonly current: T | undefined
  /**
   * The value in use, or the first one when there is none yet.
   * @throws MountsError `MOUNTS_CLOSED`; `signal.reason` when either signal aborts.
   */
  ready(signal?: AbortSignal): Promise<T>
  /** The value in use, if any, and then each new one; whoever is slow gets only the latest. Ends with the watch. */
  updates(): AsyncIterable<T>
  /** Looks at once, also at a snapshot that was refused (what `parse` depends on may have changed). Never rejects. */
  check(): Promise<void>
  status(): MountStatus
  /** Ends the watch and every iteration, and cancels every timer. */
  [Symbol.asyncDispose](): Promise<void>
}
