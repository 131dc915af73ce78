import { readFile, stat } from 'node:fs/promises'
import { WorkloadError } from './errors.ts'

/** Longest service-account token that is read: 16 KiB; real ones take about 1.2 KB. */
export const MAX_TOKEN_BYTES = 16_384

const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'an error'

/**
 * Reads the service-account token anew; the kubelet swaps the file, so nothing is kept. The bytes are returned as they
 * are in the file, as Linkerd's proxy sends them (`token.rs`). They are a secret: never print them.
 * @throws WorkloadError WORKLOAD_TOKEN_UNREADABLE, WORKLOAD_TOKEN_EMPTY, WORKLOAD_TOKEN_TOO_LARGE
 */
export async function readToken(path: string): Promise<Uint8Array> {
  const detail = { path, limit: MAX_TOKEN_BYTES }
  const unreadable = (cause: unknown): WorkloadError =>
    new WorkloadError('WORKLOAD_TOKEN_UNREADABLE', `token file ${path}: the system said ${reasonOf(cause)}`, {
      detail,
      cause,
    })
  const { size } = await stat(path).catch((cause: unknown) => Promise.reject(unreadable(cause)))
  if (size > MAX_TOKEN_BYTES) {
    throw new WorkloadError(
      'WORKLOAD_TOKEN_TOO_LARGE',
      `token file ${path}: expected at most ${MAX_TOKEN_BYTES} bytes, found ${size}`,
      {
        detail: { ...detail, found: size },
      },
    )
  }
  const bytes = await readFile(path).catch((cause: unknown) => Promise.reject(unreadable(cause)))
  if (bytes.every((byte) => byte <= 0x20)) {
    throw new WorkloadError('WORKLOAD_TOKEN_EMPTY', `token file ${path}: expected a token, found an empty file`, {
      detail,
    })
  }
  return new Uint8Array(bytes)
}
