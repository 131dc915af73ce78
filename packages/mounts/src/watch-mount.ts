import { MountLoop } from './mount-loop.ts'
import type { MountSnapshot } from './mount-snapshot.ts'
import type { MountWatch, ParsedMountOptions, WatchMountOptions } from './mount-watch.ts'
import { checkFileNames, MAX_MOUNT_FILE_BYTES } from './read-mount.ts'
import { watchDirectory as platformWatch } from './watch-directory.ts'

/** How often the files are read when no event comes, 30 s. */
export const DEFAULT_POLL_INTERVAL_MS = 30_000

/** The longest poll interval, 24 h. */
export const MAX_POLL_INTERVAL_MS = 86_400_000

/**
 * Follows some files of a directory: reads them at once, at each event of the directory, and at each poll.
 *
 * A value is delivered only when its files are of one generation (see `readMount`) and `parse` accepted them; until
 * then the previous value stays in use, the refusal is an event, and the next event or poll tries again. A watcher that
 * dies, and a directory that is removed or replaced, are events too; watching begins again by itself.
 * @throws RangeError for names or limits that cannot be; `signal.reason` when the signal has aborted already.
 */
export function watchMount<T>(directory: string, options: ParsedMountOptions<T>): MountWatch<T>
export function watchMount(directory: string, options: WatchMountOptions): MountWatch<MountSnapshot>
export function watchMount<T>(
  directory: string,
  options: WatchMountOptions & Partial<ParsedMountOptions<T>>,
): MountWatch<T | MountSnapshot> {
  const { maxBytes = MAX_MOUNT_FILE_BYTES, pollIntervalMs = DEFAULT_POLL_INTERVAL_MS } = options
  const { parse = (snapshot: MountSnapshot) => snapshot, watchDirectory = platformWatch, signal } = options
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    throw new RangeError(`expected maxBytes >= 1, found ${maxBytes}`)
  if (!(pollIntervalMs > 0 && pollIntervalMs <= MAX_POLL_INTERVAL_MS)) {
    throw new RangeError(`expected pollIntervalMs above 0 and at most ${MAX_POLL_INTERVAL_MS}, found ${pollIntervalMs}`)
  }
  const files = checkFileNames(options.files)
  const alternatives = (options.alternatives ?? []).map(checkFileNames)
  signal?.throwIfAborted()
  return new MountLoop<T | MountSnapshot>(directory, {
    ...options,
    files,
    alternatives,
    maxBytes,
    pollIntervalMs,
    parse,
    watchDirectory,
  })
}
