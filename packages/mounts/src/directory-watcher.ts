import { stat } from 'node:fs/promises'
import { MountsError } from './errors.ts'
import { fileSystemError } from './file-system-error.ts'
import type { DirectoryListener, WatchDirectory } from './watch-directory.ts'

/**
 * Keeps one watch on whatever directory a path leads to.
 *
 * Node's watch falls silent when its directory is removed or renamed; so the identity of the directory is compared at
 * each look, and a watch on a folder that is not there any more is replaced.
 */
export class DirectoryWatcher {
  readonly #directory: string
  readonly #watch: WatchDirectory
  readonly #listener: DirectoryListener
  #running: { readonly identity: string; readonly close: () => void } | undefined
  #failed = false
  #closed = false

  constructor(directory: string, watch: WatchDirectory, listener: DirectoryListener) {
    this.#directory = directory
    this.#watch = watch
    this.#listener = listener
  }

  get watching(): boolean {
    return this.#running !== undefined
  }

  /** Looks at the directory and watches it (again) if needed; `true` when a dead watch came back. Never rejects. */
  async ensure(): Promise<boolean> {
    try {
      const identity = await identityOf(this.#directory)
      if (this.#running !== undefined && this.#running.identity !== identity) this.#fail(lost(this.#directory))
      if (this.#running === undefined && !this.#closed) return this.#start(identity)
    } catch (error) {
      if (!this.#closed) this.#fail(error)
    }
    return false
  }

  close(): void {
    this.#closed = true
    this.#stop()
  }

  #start(identity: string): boolean {
    const running = { identity, close: () => {} }
    this.#running = running
    running.close = this.#watch(this.#directory, {
      changed: this.#listener.changed,
      failed: (error) => {
        if (this.#running === running) this.#fail(error)
      },
    })
    const restarted = this.#failed
    this.#failed = false
    return restarted
  }

  /** Tells of the first failure in a row only. */
  #fail(error: unknown): void {
    this.#stop()
    if (this.#failed) return
    this.#failed = true
    this.#listener.failed(error)
  }

  #stop(): void {
    this.#running?.close()
    this.#running = undefined
  }
}

/** Inode numbers are given out again at once; with the time of birth they tell one folder from the next. */
async function identityOf(directory: string): Promise<string> {
  try {
    const { dev, ino, birthtimeNs } = await stat(directory, { bigint: true })
    return [dev, ino, birthtimeNs].join(':')
  } catch (error) {
    throw fileSystemError(error, { doing: 'watch the directory', path: directory, missing: 'MOUNTS_DIRECTORY_MISSING' })
  }
}

function lost(path: string): MountsError {
  return new MountsError('MOUNTS_WATCH_LOST', `expected the directory that was watched, found another at ${path}`, {
    detail: { path },
  })
}
