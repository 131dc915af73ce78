import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram, type ExitCode } from '@meshid/cli'
import { afterEach, beforeEach, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 }) // Keys are made and processes started, slowly on a busy machine.

/** The instant of every test that does not choose another. */
export const noon = new Date('2026-03-04T12:00:00Z')

/** How a run ended and what it printed. */
export interface Run {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

/** The world around a run. */
export interface World {
  readonly now?: Date
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly outIsTerminal?: boolean
}

/** Runs one command line in this process. */
export async function meshid(args: readonly string[], world: World = {}): Promise<Run> {
  const { now = noon, env = {}, stdin = '', outIsTerminal } = world
  let out = ''
  let err = ''
  const program = createProgram({
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    outIsTerminal,
    now: () => now,
    env,
    stdin: (async function* () {
      yield Buffer.from(stdin)
    })(),
  })
  const code = await program.run(args)
  return { code, out, err }
}

/** What a command prints as JSON. */
export async function meshidJson(args: readonly string[], world?: World): Promise<Run & { readonly json: unknown }> {
  const run = await meshid([...args, '--json'], world)
  return { ...run, json: JSON.parse(run.out) }
}

/** A new folder for each test. */
export interface Folder {
  readonly path: (name: string) => string
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>
  readonly read: (name: string) => Promise<string>
  readonly readBytes: (name: string) => Promise<Uint8Array>
}

/** Makes a folder before each test and removes it after. */
export function useFolder(): Folder {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meshid-cli-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const path = (name: string): string => join(folder, name)
  return {
    path,
    async write(name, content) {
      await writeFile(path(name), content)
      return path(name)
    },
    read: (name) => readFile(path(name), 'utf8'),
    readBytes: async (name) => new Uint8Array(await readFile(path(name))),
  }
}

/** Creates `ca.crt`, `ca.key`, `issuer.crt` and `issuer.key` in the folder with the command itself. */
export async function createCaPair({ path }: Folder, options: readonly string[] = [], world?: World): Promise<void> {
  for (const args of [createRootArguments({ path }), createIssuerArguments({ path })]) {
    const { code, err } = await meshid([...args, ...options], world)
    if (code !== 0) throw new Error(`expected a CA pair, found ${err}`)
  }
}

/** The first command line of story chapter 3. */
export function createRootArguments({ path }: Pick<Folder, 'path'>): string[] {
  const outputs = [path('ca.crt'), path('ca.key')]
  return [...words('certificate create root.linkerd.cluster.local'), ...outputs, '--profile', 'root-ca']
}

/** The second one. */
export function createIssuerArguments({ path }: Pick<Folder, 'path'>): string[] {
  return [
    ...words('certificate create identity.linkerd.cluster.local'),
    path('issuer.crt'),
    path('issuer.key'),
    ...words('--profile intermediate-ca --not-after 8760h'),
    ...files({ '--ca': path('ca.crt'), '--ca-key': path('ca.key') }),
  ]
}

/** A command line without spaces inside its arguments. */
export function words(text: string): readonly string[] {
  return text.split(' ')
}

/** Options that name a file each. */
export function files(options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options).flat()
}

/** The base64 of a PEM block: none of it may ever be printed when the block is a private key. */
export function linesOfPem(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
}
