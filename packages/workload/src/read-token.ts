import { type FileHandle, open } from 'node:fs/promises'
import { WorkloadError } from './errors.ts'

/** Longest service-account token that is read: 16 KiB; real ones take about 1.2 KB. */
export const MAX_TOKEN_BYTES = 16_384

/**
 * Reads the service-account token anew; the kubelet swaps the file, so nothing is kept. The bytes are returned as they
 * are in the file, as Linkerd's proxy sends them (`token.rs`). They are a secret: never print them.
 * @throws WorkloadError WORKLOAD_TOKEN_UNREADABLE, WORKLOAD_TOKEN_EMPTY, WORKLOAD_TOKEN_TOO_LARGE
 */
export async function readToken(path: string): Promise<Uint8Array> {
  const token = await readStart(path)
  if (token.length > MAX_TOKEN_BYTES) {
    const message = `token file ${path}: expected at most ${MAX_TOKEN_BYTES} bytes, found more`
    throw new WorkloadError('WORKLOAD_TOKEN_TOO_LARGE', message, { detail: { path, limit: MAX_TOKEN_BYTES } })
  }
  if (token.every((byte) => byte <= 0x20)) {
    const message = `token file ${path}: expected a token, found an empty file`
    throw new WorkloadError('WORKLOAD_TOKEN_EMPTY', message, { detail: { path } })
  }
  return token
}

/** Reads one byte more than a token may have, of one opened file: whatever is swapped meanwhile, it is one token. */
async function readStart(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const buffer = new Uint8Array(MAX_TOKEN_BYTES + 1)
    let length = 0
    for (let found = -1; found !== 0 && length < buffer.length; length += found) {
      found = (await file.read(buffer, length, buffer.length - length)).bytesRead
    }
    return buffer.slice(0, length)
  } catch (cause) {
    const said = (cause as NodeJS.ErrnoException).code ?? 'an error'
    const message = `token file ${path}: expected to read it, the system said ${said}`
    throw new WorkloadError('WORKLOAD_TOKEN_UNREADABLE', message, { detail: { path }, cause })
  } finally {
    await file?.close()
  }
}
