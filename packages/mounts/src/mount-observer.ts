/** What happens inside a watch. No event holds the content of a file. */
export type MountEvent =
  /** A new snapshot was accepted; `updates()` gives its value. */
  | { readonly type: 'changed'; readonly digest: string; readonly previousDigest: string | undefined }
  /**
   * What lies there could not be read (a `MountsError`) or `parse` refused it (whatever it threw), for the
   * `attempt`-th time in a row; the value in use stays. `digest` is that of the refused snapshot.
   */
  | {
      readonly type: 'rejected'
      readonly error: unknown
      readonly attempt: number
      readonly digest: string | undefined
    }
  /** What was refused is gone: the files are again those of the value in use. */
  | { readonly type: 'restored'; readonly digest: string }
  /** The directory is not watched any more, only polled. */
  | { readonly type: 'watcher-failed'; readonly error: unknown }
  /** It is watched again. */
  | { readonly type: 'watcher-restarted' }

/** Is told of every event, at once. What it throws or rejects with is dropped: it can never break the watch. */
export type MountObserver = (event: MountEvent) => void

/** Tells the observer, whatever it does. */
export function notify(observer: MountObserver | undefined, event: MountEvent): void {
  try {
    const answer: unknown = observer?.(Object.freeze(event))
    if (answer instanceof Promise) answer.catch(() => {})
  } catch {
    // An observer only looks on.
  }
}
