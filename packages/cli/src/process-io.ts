import type { CliIo } from './io.ts'

/** The parts of `process` that the command uses. */
export type HostProcess = Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr'>

/** The world of a process; a reader that closes its end of a pipe early (`| head`) is no fault. */
export function createProcessIo(host: HostProcess): CliIo {
  for (const stream of [host.stdout, host.stderr]) stream.on('error', ignoreClosedPipe)
  return {
    out: (text) => void host.stdout.write(text),
    err: (text) => void host.stderr.write(text),
    outIsTerminal: host.stdout.isTTY,
    now: () => new Date(),
    env: host.env,
    get stdin() {
      return host.stdin
    },
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
