import { MountsError, type MountsErrorCode } from './errors.ts'

/** What was about to be done, for the message and for what a missing path means. */
export interface FileSystemAttempt {
  readonly doing: string
  readonly path: string
  readonly missing: MountsErrorCode
}

const codes: ReadonlyMap<string, MountsErrorCode> = new Map([
  ['EACCES', 'MOUNTS_PERMISSION_DENIED'],
  ['EPERM', 'MOUNTS_PERMISSION_DENIED'],
  ['EROFS', 'MOUNTS_PERMISSION_DENIED'],
  ['ELOOP', 'MOUNTS_SYMLINK_LOOP'],
  ['ENOTDIR', 'MOUNTS_NOT_A_DIRECTORY'],
  ['EISDIR', 'MOUNTS_NOT_A_FILE'],
])

/** Gives the file system's refusal its code; an error that has one already stays as it is. */
export function fileSystemError(cause: unknown, { doing, path, missing }: FileSystemAttempt): MountsError {
  if (cause instanceof MountsError) return cause
  const found = errorNumber(cause) ?? 'an unknown error'
  const code = found === 'ENOENT' ? missing : (codes.get(found) ?? 'MOUNTS_IO_FAILED')
  return new MountsError(code, `expected to ${doing} ${path}, found ${found}`, { detail: { path, found }, cause })
}

/** The `code` of a system error, such as `ENOENT`. */
export function errorNumber(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
