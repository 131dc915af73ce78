import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkloadError, type WorkloadErrorCode } from './errors.ts'

/** A directory that was found to exist and to take files: where `key.p8` and `csr.der` live. */
export interface EndEntityDirectory {
  readonly path: string
  readonly keyPath: string
  readonly csrPath: string
}

/** Made and removed to see whether files can be written; no reader of the directory looks for it. */
const PROBE = '.meshid-write-probe'

const refuse = (code: WorkloadErrorCode, path: string, message: string, cause?: unknown): WorkloadError =>
  new WorkloadError(code, `end-entity directory ${path}: ${message}`, {
    detail: { path },
    ...(cause === undefined ? {} : { cause }),
  })

const saidBy = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'an error'

/**
 * Checks the directory that holds the private key and the CSR (`LINKERD2_PROXY_IDENTITY_DIR`). It is never created here: a
 * missing one means that the volume is missing (Linkerd's `proxy-identity/main.go` does the same).
 * @throws WorkloadError WORKLOAD_DIRECTORY_MISSING, WORKLOAD_DIRECTORY_NOT_A_DIRECTORY, WORKLOAD_DIRECTORY_NOT_WRITABLE,
 *   WORKLOAD_FILE_UNREADABLE
 */
export async function openEndEntityDirectory(path: string): Promise<EndEntityDirectory> {
  if (path === '') throw refuse('WORKLOAD_DIRECTORY_MISSING', '""', 'expected a path, found an empty text')
  await checkDirectory(path)
  await checkWritable(path)
  return Object.freeze({ path, keyPath: join(path, 'key.p8'), csrPath: join(path, 'csr.der') })
}

async function checkDirectory(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const isMissing = saidBy(cause) === 'ENOENT'
    if (isMissing) throw refuse('WORKLOAD_DIRECTORY_MISSING', path, 'expected a directory, found nothing', cause)
    throw refuse('WORKLOAD_FILE_UNREADABLE', path, `expected a directory, the system said ${saidBy(cause)}`, cause)
  })
  if (found.isDirectory()) return
  throw refuse('WORKLOAD_DIRECTORY_NOT_A_DIRECTORY', path, 'expected a directory, found a file')
}

async function checkWritable(path: string): Promise<void> {
  const probe = join(path, PROBE)
  try {
    const file = await open(probe, 'w', 0o600)
    await file.close()
    await rm(probe, { force: true })
  } catch (cause) {
    const message = `expected to write a file, the system said ${saidBy(cause)}`
    throw refuse('WORKLOAD_DIRECTORY_NOT_WRITABLE', path, message, cause)
  }
}
