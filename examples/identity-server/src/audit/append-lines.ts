import { type FileHandle, open } from 'node:fs/promises'

/** How much may wait to be written, in characters: some thousand lines. */
export const MAX_WAITING_CHARACTERS = 4_194_304

/** Whoever may read the log may not be everybody. */
const FILE_MODE = 0o600

export interface AppendLinesOptions {
  /** Is told of lines that are in the file, or never will be. */
  readonly onEnd: (outcome: 'written' | 'dropped', lines: number) => void
  /** Is told of what the system says; lines are dropped until it says otherwise. */
  readonly onError: (error: unknown) => void
  /** What stands in the place of lines that were dropped, at the next one that can be written. */
  readonly gap: (lines: number) => string
  /** Default {@link MAX_WAITING_CHARACTERS}. */
  readonly maxWaiting?: number
}

/** A file that grows line by line, behind the back of everybody else. */
export interface LineFile {
  /** Notes a line, without its end; returns at once and never throws. */
  append(line: string): void
  /** Opens the file by its name again: the old one was moved away. */
  reopen(): void
  /** Writes what waits, and closes. */
  close(): Promise<void>
}

/**
 * Opens a file to append lines to; it is made where it is missing.
 *
 * @throws what the system says when that cannot be
 */
export async function appendLines(path: string, options: AppendLinesOptions): Promise<LineFile> {
  return new QueueingFile(path, { options, handle: await openToAppend(path) })
}

const openToAppend = (path: string): Promise<FileHandle> => open(path, 'a', FILE_MODE)

class QueueingFile implements LineFile {
  readonly #path: string
  readonly #options: AppendLinesOptions
  #handle: FileHandle
  #lines: string[] = []
  #waiting = 0
  #dropped = 0
  #isTorn = false
  #isMoved = false
  #writing: Promise<void> | undefined

  constructor(path: string, { options, handle }: { options: AppendLinesOptions; handle: FileHandle }) {
    this.#path = path
    this.#options = options
    this.#handle = handle
  }

  append(line: string): void {
    const { maxWaiting = MAX_WAITING_CHARACTERS } = this.#options
    if (this.#waiting + line.length > maxWaiting) return this.#drop(1)
    this.#lines.push(line)
    this.#waiting += line.length
    this.#writing ??= this.#work()
  }

  reopen(): void {
    this.#isMoved = true
    this.#writing ??= this.#work()
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#handle.close()
  }

  async #work(): Promise<void> {
    while (this.#isMoved || this.#lines.length > 0) {
      if (this.#isMoved) await this.#replace()
      if (this.#lines.length > 0) await this.#write(this.#lines)
    }
    this.#writing = undefined
  }

  async #replace(): Promise<void> {
    this.#isMoved = false
    try {
      const moved = this.#handle
      this.#handle = await openToAppend(this.#path)
      this.#isTorn = false
      await moved.close()
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #write(lines: readonly string[]): Promise<void> {
    const gap = this.#dropped
    const all = gap === 0 ? lines : [this.#options.gap(gap), ...lines]
    const size = this.#waiting
    this.#lines = []
    try {
      await this.#handle.appendFile(`${this.#isTorn ? '\n' : ''}${all.join('\n')}\n`)
      this.#isTorn = false
      this.#dropped -= gap
      this.#options.onEnd('written', lines.length)
    } catch (error) {
      this.#isTorn = true // the half of a line may be there
      this.#options.onError(error)
      this.#drop(lines.length)
    }
    this.#waiting -= size // what is being written counts until it is
  }

  #drop(lines: number): void {
    this.#dropped += lines
    this.#options.onEnd('dropped', lines)
  }
}
