import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { MountsError } from './errors.ts'
import { fileSystemError } from './file-system-error.ts'

/** A file's content, and what tells this state of the file from another. */
export interface FileReading {
  readonly bytes: Uint8Array
  /** Device, inode, size and both times, before and after reading. */
  readonly state: string
}

/**
 * Reads a regular file of at most `maxBytes`; a pipe, a device or a file that grows cannot hold it up.
 * @throws MountsError `MOUNTS_FILE_MISSING`, `MOUNTS_NOT_A_FILE`, `MOUNTS_FILE_TOO_LARGE`, `MOUNTS_PERMISSION_DENIED`,
 * `MOUNTS_SYMLINK_LOOP`, `MOUNTS_NOT_A_DIRECTORY`, `MOUNTS_IO_FAILED`.
 */
export async function readFileBounded(path: string, maxBytes: number): Promise<FileReading> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const before = await handle.stat({ bigint: true })
      if (!before.isFile()) {
        throw new MountsError('MOUNTS_NOT_A_FILE', `expected a regular file, found otherwise at ${path}`, {
          detail: { path },
        })
      }
      const bytes = await readAtMost(handle, Math.min(Number(before.size), maxBytes) + 1, maxBytes)
      if (bytes === undefined) throw tooLarge(path, maxBytes)
      return { bytes, state: `${stateOf(before)} ${stateOf(await handle.stat({ bigint: true }))}` }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileSystemError(error, { doing: 'read the file', path, missing: 'MOUNTS_FILE_MISSING' })
  }
}

/** Reads to the end; `undefined` when that lies beyond `maxBytes`. */
async function readAtMost(handle: FileHandle, guess: number, maxBytes: number): Promise<Uint8Array | undefined> {
  let buffer = new Uint8Array(guess)
  let length = 0
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) return buffer.slice(0, length)
    length += bytesRead
    if (length > maxBytes) return undefined
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(length * 2, maxBytes + 1))
      larger.set(buffer)
      buffer = larger
    }
  }
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':')
}

function tooLarge(path: string, limit: number): MountsError {
  return new MountsError('MOUNTS_FILE_TOO_LARGE', `expected at most ${limit} bytes, found more in ${path}`, {
    detail: { path, limit },
  })
}
