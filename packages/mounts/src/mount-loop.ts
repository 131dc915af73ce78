import { DirectoryWatcher } from './directory-watcher.ts'
import { MountsError } from './errors.ts'
import { Latest } from './latest.ts'
import { notify, type MountEvent } from './mount-observer.ts'
import type { MountSnapshot } from './mount-snapshot.ts'
import type { MountRejection, MountStatus, MountWatch, ParsedMountOptions } from './mount-watch.ts'
import { readMount } from './read-mount.ts'

type LoopOptions<T> = ParsedMountOptions<T> &
  Required<Pick<ParsedMountOptions<T>, 'alternatives' | 'maxBytes' | 'pollIntervalMs' | 'watchDirectory'>>

/** The loop behind `watchMount`: one look at a time, begun by an event, a poll or a call. */
export class MountLoop<T> implements MountWatch<T> {
  readonly #directory: string
  readonly #options: LoopOptions<T>
  readonly #watcher: DirectoryWatcher
  readonly #latest = new Latest<T>()
  readonly #closing = new AbortController()
  readonly #onSignal: () => void
  #held: { readonly value: T; readonly digest: string } | undefined
  #rejection: MountRejection | undefined
  #running: Promise<void> | undefined
  #due = false
  #cancelPoll = (): void => {}

  constructor(directory: string, options: LoopOptions<T>) {
    this.#directory = directory
    this.#options = options
    this.#watcher = new DirectoryWatcher(directory, options.watchDirectory, {
      changed: () => void this.check(),
      failed: (error) => this.#notify({ type: 'watcher-failed', error }),
    })
    this.#onSignal = () => this.#close(options.signal?.reason)
    options.signal?.addEventListener('abort', this.#onSignal)
    this.#poll()
  }

  get current(): T | undefined {
    return this.#held?.value
  }

  async ready(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const reader = this.#latest.values()[Symbol.asyncIterator]()
    const leave = () => void reader.return?.()
    signal?.addEventListener('abort', leave)
    try {
      const first = await reader.next()
      if (first.done !== true) return first.value
    } finally {
      signal?.removeEventListener('abort', leave)
      leave()
    }
    signal?.throwIfAborted()
    throw this.#closing.signal.reason
  }

  updates(): AsyncIterable<T> {
    return this.#latest.values()
  }

  check(): Promise<void> {
    this.#due = true
    this.#running ??= this.#run()
    return this.#running
  }

  status(): MountStatus {
    return Object.freeze({
      digest: this.#held?.digest,
      rejection: this.#rejection,
      watching: this.#watcher.watching,
      closed: this.#closed,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(new MountsError('MOUNTS_CLOSED', `expected an open watch of ${this.#directory}, found one disposed`))
    await this.#running
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  #close(reason: unknown): void {
    if (this.#closed) return
    this.#closing.abort(reason)
    this.#options.signal?.removeEventListener('abort', this.#onSignal)
    this.#cancelPoll()
    this.#watcher.close()
    this.#latest.close()
  }

  #poll(): void {
    const { clock, pollIntervalMs } = this.#options
    this.#cancelPoll = clock.setTimer(pollIntervalMs, () => this.#poll())
    void this.check()
  }

  /** Looks until nothing has asked for it since the last look began. */
  async #run(): Promise<void> {
    while (this.#due && !this.#closed) {
      this.#due = false
      await this.#look()
    }
    this.#running = undefined
  }

  async #look(): Promise<void> {
    const { files, alternatives, maxBytes } = this.#options
    if (await this.#watcher.ensure()) this.#notify({ type: 'watcher-restarted' })
    let digest: string | undefined
    try {
      const { signal } = this.#closing
      const snapshot = await readMount(this.#directory, files, { alternatives, maxBytes, signal })
      digest = snapshot.digest
      if (digest === this.#held?.digest) this.#restore(digest)
      else this.#adopt(digest, await this.#parse(snapshot))
    } catch (error) {
      this.#reject(error, digest)
    }
  }

  /** Does not wait for a judge that goes on after the end. */
  async #parse(snapshot: MountSnapshot): Promise<T> {
    const { signal } = this.#closing
    signal.throwIfAborted()
    let giveUp = (): void => {}
    const closed = new Promise<never>((_resolve, reject) => {
      giveUp = () => reject(signal.reason)
      signal.addEventListener('abort', giveUp)
    })
    try {
      return await Promise.race([this.#options.parse(snapshot, signal), closed])
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #adopt(digest: string, value: T): void {
    if (this.#closed) return
    const previousDigest = this.#held?.digest
    this.#held = { value, digest }
    this.#rejection = undefined
    this.#latest.publish(value)
    this.#notify({ type: 'changed', digest, previousDigest })
  }

  #restore(digest: string): void {
    if (this.#rejection === undefined) return
    this.#rejection = undefined
    this.#notify({ type: 'restored', digest })
  }

  #reject(error: unknown, digest: string | undefined): void {
    if (this.#closed) return
    this.#rejection = Object.freeze({ error, attempt: (this.#rejection?.attempt ?? 0) + 1, digest })
    this.#notify({ type: 'rejected', ...this.#rejection })
  }

  #notify(event: MountEvent): void {
    if (!this.#closed) notify(this.#options.observer, event)
  }
}
