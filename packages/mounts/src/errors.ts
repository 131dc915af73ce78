/** Every code of {@link MountsError}: what it means and what to do next. */
export const mountsErrorCodes = {
  MOUNTS_CLOSED: 'The watch was disposed before there was anything to give; create a new one to go on.',
  MOUNTS_DIRECTORY_MISSING: 'The directory does not exist; check the mountPath of the volume and the spelling.',
  MOUNTS_FILE_MISSING:
    'The directory has no such file; check the keys of the Secret or ConfigMap and the items of the volume.',
  MOUNTS_FILE_TOO_LARGE: 'The file is larger than the limit; check what is mounted there, or raise maxBytes.',
  MOUNTS_IO_FAILED: 'The file system refused for another reason; look at the cause.',
  MOUNTS_NOT_A_DIRECTORY: 'The path is not a directory; name the folder that holds the files, not a file in it.',
  MOUNTS_NOT_A_FILE: 'The path is not a regular file; check what is mounted there.',
  MOUNTS_NOT_TEXT: 'The file is not UTF-8; read it as bytes, or check what is mounted there.',
  MOUNTS_PERMISSION_DENIED:
    'This user may not read or write the path; check runAsUser, fsGroup and defaultMode of the pod.',
  MOUNTS_SYMLINK_LOOP: 'The path leads through symbolic links that never end; mount the volume again.',
  MOUNTS_UNSTABLE: 'The files changed faster than they could be read whole; read again later, or look for the writer.',
  MOUNTS_WATCH_LOST:
    'The watched directory was removed or replaced; it is watched again as soon as it can be, and polled until then.',
} as const

/** A stable name for each way in which a mount can fail. */
export type MountsErrorCode = keyof typeof mountsErrorCodes

/** Where, and what was expected and found; never the content of a file. */
export interface MountsErrorDetail {
  readonly path?: string
  readonly expected?: string
  readonly found?: string
  /** In bytes, or in attempts. */
  readonly limit?: number
}

/** An error of this package; `cause` is the file system's own, where there is one. */
export class MountsError extends Error {
  override readonly name = 'MountsError'
  readonly code: MountsErrorCode
  readonly detail: MountsErrorDetail

  constructor(
    code: MountsErrorCode,
    message: string,
    options: { readonly detail?: MountsErrorDetail; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
