import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorNumber, fileSystemError } from './file-system-error.ts'

/** Options of {@link writeFileWhole}. */
export interface WriteFileWholeOptions {
  /** The permission bits of the file, 0 to 0o777, exactly: the umask does not apply. */
  readonly mode: number
}

/**
 * Writes a file so that a reader sees the old content or the new, never a part, also after a crash.
 *
 * A temporary file in the same directory (hidden, readable by the owner only) is written, flushed and renamed over the
 * path; a symbolic link there is replaced, not followed. On failure the temporary file is removed and the old one stays.
 * @throws MountsError `MOUNTS_DIRECTORY_MISSING`, `MOUNTS_NOT_A_DIRECTORY`, `MOUNTS_NOT_A_FILE` (the path is a
 * directory), `MOUNTS_PERMISSION_DENIED`, `MOUNTS_SYMLINK_LOOP`, `MOUNTS_IO_FAILED`; RangeError for a mode that cannot be.
 */
export async function writeFileWhole(path: string, bytes: Uint8Array, { mode }: WriteFileWholeOptions): Promise<void> {
  if (!(Number.isSafeInteger(mode) && mode >= 0 && mode <= 0o777)) {
    throw new RangeError(`expected a mode of 0 to 0o777, found ${mode}`)
  }
  const folder = dirname(path)
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  try {
    await writeNew(temporary, bytes, mode)
    await rename(temporary, path)
    await flushFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}) // The first failure is the one to tell of.
    throw fileSystemError(error, { doing: 'write the file', path, missing: 'MOUNTS_DIRECTORY_MISSING' })
  }
}

async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the rename last through a crash, where the file system and our permissions let a folder be flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'].includes(errorNumber(error) ?? '')) throw error
  }
}
