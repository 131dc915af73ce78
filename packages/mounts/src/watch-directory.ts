import { watch } from 'node:fs'

/** What a watch tells; either may come more than once. */
export interface DirectoryListener {
  /** Something in the directory changed, or may have. */
  readonly changed: () => void
  /** The watch is dead. */
  readonly failed: (error: unknown) => void
}

/**
 * Watches a directory, not the files in it (a watch on a file dies with the first swap).
 *
 * Gives a function that ends the watch. May throw instead. Events may be lost: there is always a poll beside it.
 */
export type WatchDirectory = (directory: string, listener: DirectoryListener) => () => void

/** The platform's watch, `fs.watch`. */
export const watchDirectory: WatchDirectory = (directory, { changed, failed }) => {
  const watcher = watch(directory)
  watcher.on('change', changed)
  watcher.on('error', failed)
  return () => watcher.close()
}
