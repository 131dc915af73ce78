import { constants } from 'node:fs'
import { access, open, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeFileWhole } from '@meshid/mounts'
import { CliError } from './errors.ts'
import { STDIN_PATH } from './read-input.ts'

/** A file to be written. */
export interface OutputFile {
  readonly path: string
  readonly content: string | Uint8Array
  /** Exact permission bits. */
  readonly mode: number
}

/** The files to write, and what else came of making them. */
export interface MadeOutputs<Result> {
  readonly files: readonly OutputFile[]
  readonly result: Result
}

/** Options of {@link writeOutputs}. */
export interface WriteOutputsOptions {
  /** Where the files will be. */
  readonly paths: readonly string[]
  /** What was read; none of it is ever written over, not even by force. */
  readonly inputs?: readonly string[]
  /** Replaces what lies there. */
  readonly force: boolean
}

/**
 * Writes the files that `make` returns, each whole, and returns what else it made. Paths are checked first, and without `force`
 * also claimed, so that nobody's file is lost and no key is made in vain; if anything fails, claimed files are removed again.
 *
 * @throws CliError CLI_PATHS_COLLIDE, CLI_FILE_EXISTS, CLI_FILE_NOT_WRITABLE
 * @throws MountsError when the system refuses while writing
 */
export async function writeOutputs<Result>(
  { paths, inputs = [], force }: WriteOutputsOptions,
  make: () => Promise<MadeOutputs<Result>>,
): Promise<Result> {
  await checkDistinct(paths, inputs)
  for (const path of paths) await checkPlace(path)
  const claimed: string[] = []
  try {
    for (const path of force ? [] : paths) {
      await claim(path)
      claimed.push(path)
    }
    const { files, result } = await make()
    for (const { path, content, mode } of files) await writeFileWhole(path, Buffer.from(content), { mode })
    return result
  } catch (error) {
    await Promise.all(claimed.map((path) => rm(path, { force: true })))
    throw error
  }
}

async function checkDistinct(paths: readonly string[], inputs: readonly string[]): Promise<void> {
  const taken = new Set<string>()
  for (const path of inputs) if (path !== STDIN_PATH) taken.add(await placeOf(path))
  for (const path of paths) {
    const place = await placeOf(path)
    if (taken.has(place)) {
      const expected = 'another path than every input and output'
      throw new CliError('CLI_PATHS_COLLIDE', `${path}: expected ${expected}, found it twice`, {
        detail: { path, expected },
      })
    }
    taken.add(place)
  }
}

/** The one name of a place, whatever symbolic links lead to its directory. */
async function placeOf(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => resolve(dirname(path)))
  return join(folder, basename(path))
}

async function checkPlace(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (cause) {
    throw notWritable(path, cause)
  }
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) throw notWritable(path, { code: 'EISDIR' })
}

/** Makes an empty file that no one else can have made: an existing file or link is a refusal. */
async function claim(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritable(path, cause)
    throw new CliError('CLI_FILE_EXISTS', `${path}: expected no file, found one`, { detail: { path }, cause })
  }
}

function notWritable(path: string, cause: unknown): CliError {
  const found = (cause as NodeJS.ErrnoException).code ?? 'an unknown error'
  return new CliError('CLI_FILE_NOT_WRITABLE', `${path}: expected a place to write, the system said ${found}`, {
    detail: { path, found },
    cause,
  })
}
