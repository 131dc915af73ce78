import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The Go program, or why there is none. */
export type GoServer = { readonly program: string } | { readonly absent: string }

const source = fileURLToPath(new URL('../go/', import.meta.url))

/** Builds the Go server into a temporary folder, where the machine has Go and the modules can be had. */
export async function buildGoServer(): Promise<GoServer> {
  const program = join(await mkdtemp(join(tmpdir(), 'meshid-bench-go-')), 'certify-server')
  const child = spawn('go', ['build', '-o', program, '.'], { cwd: source, stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    const [status] = (await once(child, 'close')) as [number]
    return status === 0 ? { program } : { absent: 'The Go program is absent: it does not build here.' }
  } catch {
    return { absent: 'The Go program is absent: there is no go on the PATH.' }
  }
}
