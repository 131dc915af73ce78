import { readlink, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MountsError } from './errors.ts'
import { errorNumber, fileSystemError } from './file-system-error.ts'
import { MountSnapshot } from './mount-snapshot.ts'
import { readFileBounded, type FileReading } from './read-file-bounded.ts'

/** Options of {@link readMount}. */
export interface ReadMountOptions {
  /** The largest that any of the files may be. Default 1 MiB. */
  readonly maxBytes?: number
  /** Other sets of names, of which the first that is whole is read when a file of `files` is missing. */
  readonly alternatives?: readonly (readonly string[])[]
  readonly signal?: AbortSignal
}

/** The largest file that is read, 1 MiB: what Kubernetes allows a whole Secret or ConfigMap. */
export const MAX_MOUNT_FILE_BYTES = 1_048_576

/** How often a read begins again when the files change under it. */
export const MAX_READ_ATTEMPTS = 32

/**
 * Reads some files of a directory as one snapshot.
 *
 * In a volume that the kubelet keeps (`..data` is a symbolic link), the link is resolved once and every file is read
 * below that one folder; when the folder vanishes meanwhile, reading starts again. In any other directory the files
 * are read twice, until both readings agree in content, inode, size and times. What a writer leaves half-done for
 * longer than that looks whole here: let `parse` of `watchMount` judge.
 * @param files Names below the directory, such as `tls.crt` or `sub/ca.crt`, without `.` and `..`.
 * @throws MountsError `MOUNTS_DIRECTORY_MISSING`, `MOUNTS_NOT_A_DIRECTORY`, `MOUNTS_FILE_MISSING`, `MOUNTS_NOT_A_FILE`,
 * `MOUNTS_FILE_TOO_LARGE`, `MOUNTS_PERMISSION_DENIED`, `MOUNTS_SYMLINK_LOOP`, `MOUNTS_UNSTABLE`, `MOUNTS_IO_FAILED`;
 * RangeError for names or limits that cannot be; `signal.reason` when the signal aborts.
 * @see Kubernetes `pkg/volume/util/atomic_writer.go`
 */
export async function readMount(
  directory: string,
  files: readonly string[],
  { maxBytes = MAX_MOUNT_FILE_BYTES, alternatives = [], signal }: ReadMountOptions = {},
): Promise<MountSnapshot> {
  const sets = [files, ...alternatives].map(checkFileNames)
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0))
    throw new RangeError(`expected maxBytes >= 1, found ${maxBytes}`)
  for (let attempt = 0; attempt < MAX_READ_ATTEMPTS; attempt += 1) {
    signal?.throwIfAborted()
    const generation = await currentGeneration(directory)
    const read = () => readFirst(generation ?? resolve(directory), sets, maxBytes)
    const readings = await (generation === undefined ? readTwice(read) : readGeneration(read, directory, generation))
    if (readings !== undefined) return snapshotOf(readings, generation ?? resolve(directory))
  }
  throw new MountsError('MOUNTS_UNSTABLE', `expected ${directory} to hold still, found it changing at every attempt`, {
    detail: { path: directory, limit: MAX_READ_ATTEMPTS },
  })
}

/** Refuses names that could lead out of the directory; gives each once. */
export function checkFileNames(files: readonly string[]): readonly string[] {
  if (files.length === 0) throw new RangeError('expected at least one file name, found none')
  for (const name of files) {
    if (name.includes('\0') || name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new RangeError(`expected a name below the directory, found ${JSON.stringify(name)}`)
    }
  }
  return [...new Set(files)]
}

/** The folder behind `..data`; `undefined` in a directory that the kubelet does not keep. */
async function currentGeneration(directory: string): Promise<string | undefined> {
  try {
    return resolve(directory, await readlink(join(directory, '..data')))
  } catch (error) {
    const found = errorNumber(error)
    if (found !== 'ENOENT' && found !== 'EINVAL') throw directoryError(error, directory)
  }
  await stat(directory).catch((error: unknown) => {
    throw directoryError(error, directory)
  })
  return undefined
}

/** One generation never changes, it only vanishes: `undefined` then. */
async function readGeneration(
  read: () => Promise<readonly NamedReading[]>,
  directory: string,
  generation: string,
): Promise<readonly NamedReading[] | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isMissing(error) || (await currentGeneration(directory)) === generation) throw error
    return undefined
  }
}

/** `undefined` when the two readings differ. */
async function readTwice(read: () => Promise<readonly NamedReading[]>): Promise<readonly NamedReading[] | undefined> {
  const first = await read()
  const second = await read()
  const same = first.every(({ name, bytes, state }, index) => {
    const again = second[index]
    return again?.name === name && again.state === state && Buffer.compare(again.bytes, bytes) === 0
  })
  return same ? second : undefined
}

type NamedReading = FileReading & { readonly name: string }

/** The first set of which no file is missing; when there is none, the refusal is that of the first set. */
async function readFirst(
  folder: string,
  sets: readonly (readonly string[])[],
  maxBytes: number,
): Promise<readonly NamedReading[]> {
  let refusal: unknown
  for (const names of sets) {
    try {
      return await readAll(folder, names, maxBytes)
    } catch (error) {
      if (!isMissing(error)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

function readAll(folder: string, names: readonly string[], maxBytes: number): Promise<readonly NamedReading[]> {
  return Promise.all(names.map(async (name) => ({ name, ...(await readFileBounded(join(folder, name), maxBytes)) })))
}

function isMissing(error: unknown): boolean {
  return error instanceof MountsError && error.code === 'MOUNTS_FILE_MISSING'
}

function snapshotOf(readings: readonly NamedReading[], source: string): MountSnapshot {
  return new MountSnapshot(new Map(readings.map(({ name, bytes }) => [name, bytes])), source)
}

function directoryError(cause: unknown, directory: string): MountsError {
  return fileSystemError(cause, { doing: 'read the directory', path: directory, missing: 'MOUNTS_DIRECTORY_MISSING' })
}
