import { createReadStream } from 'node:fs'
import { CliError } from './errors.ts'
import type { CliIo } from './io.ts'
import { nameOfPath } from './refused-file.ts'

/** The path that means standard input. */
export const STDIN_PATH = '-'

/** Options of {@link readInput}. */
export interface ReadInputOptions {
  /** Most bytes; reading stops there, whatever the file is. */
  readonly maxBytes: number
}

/**
 * Reads a file, or standard input for `-`, up to a limit; a pipe or a device may be named as well.
 *
 * @throws CliError CLI_FILE_MISSING, CLI_FILE_UNREADABLE, CLI_FILE_TOO_LARGE
 */
export async function readInput(path: string, io: CliIo, { maxBytes }: ReadInputOptions): Promise<Uint8Array> {
  const source: AsyncIterable<Uint8Array> = path === STDIN_PATH ? io.stdin : createReadStream(path)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of source) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge(path, maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(path, error)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** The text of an input that may be PEM, or `undefined` when its first two bytes are those of a long DER element. */
export function pemTextOf(bytes: Uint8Array): string | undefined {
  const isDer = bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80
  return isDer ? undefined : new TextDecoder().decode(bytes)
}

function tooLarge(path: string, limit: number): CliError {
  return new CliError('CLI_FILE_TOO_LARGE', `${nameOfPath(path)}: expected at most ${limit} bytes, found more`, {
    detail: { path, limit },
  })
}

function unreadable(path: string, cause: unknown): CliError {
  const found = (cause as NodeJS.ErrnoException).code ?? 'an unknown error'
  const code = found === 'ENOENT' ? 'CLI_FILE_MISSING' : 'CLI_FILE_UNREADABLE'
  return new CliError(code, `${nameOfPath(path)}: expected a file, the system said ${found}`, {
    detail: { path, found },
    cause,
  })
}
