import { spawn } from 'node:child_process'
import { buffer, text } from 'node:stream/consumers'

/** What one run of openssl gave. */
export interface OpensslResult {
  /** Bytes, since much of what openssl writes is DER. */
  readonly stdout: Buffer
  readonly stderr: string
  /** The exit status: 0 when openssl agrees. */
  readonly code: number
}

/** How long a run may take: key generation is the slowest thing that tests ask for. */
const TIMEOUT_MS = 30_000

/**
 * Runs the openssl of this machine as a second opinion; a refusal is an answer (`code`), not an error.
 *
 * @param input - what openssl reads from its standard input
 */
export async function openssl(
  args: readonly string[],
  { input = '' }: { readonly input?: string | Uint8Array } = {},
): Promise<OpensslResult> {
  const child = spawn('openssl', args, { timeout: TIMEOUT_MS })
  // openssl may refuse its arguments before it reads its input; the exit status tells that already.
  child.stdin.on('error', () => {})
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('expected openssl on the PATH, found that it does not start', { cause })),
    )
    child.once('close', (code, signal) =>
      code === null ? reject(new Error(`openssl ${args[0] ?? ''}: ended by ${signal ?? 'a signal'}`)) : resolve(code),
    )
  })
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), text(child.stderr), closed])
  return { stdout, stderr, code }
}
