import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'

const pageUrl = new URL('../../../../docs/scale.md', import.meta.url)
const chartsUrl = new URL('../../../../docs/scale/', import.meta.url)

/** Parts of docs/scale.md that this program writes. */
export type ScaleSection =
  | 'storm'
  | 'rolling'
  | 'steady'
  | 'issuer-swap'
  | 'connections'
  | 'issued'
  | 'wheel'
  | 'soak'
  | 'soak-in-process'
  | 'model-storm'
  | 'model-life'

const mark = (section: ScaleSection, edge: 'begin' | 'end'): string => `<!-- fleet ${section}: ${edge} -->`

/**
 * Puts content between the marks of a section and leaves everything else alone.
 *
 * @throws Error when the page has no such marks
 */
export function replaceSection(page: string, section: ScaleSection, content: string): string {
  const [before, rest] = page.split(mark(section, 'begin'))
  const after = rest?.split(mark(section, 'end'))[1]
  if (before === undefined || after === undefined)
    throw new Error(`expected ${mark(section, 'begin')} and its end in docs/scale.md`)
  return `${before}${mark(section, 'begin')}\n\n${content}\n\n${mark(section, 'end')}${after}`
}

/** Writes a section of docs/scale.md. */
export async function writeSection(section: ScaleSection, content: string): Promise<void> {
  await writeFile(pageUrl, replaceSection(await readFile(pageUrl, 'utf8'), section, content))
}

/** Writes a chart beside the page; the name has no ending. */
export async function writeChart(name: string, svg: string): Promise<void> {
  await mkdir(chartsUrl, { recursive: true })
  await writeFile(new URL(`${name}.svg`, chartsUrl), svg)
}

/** How busy a machine is. */
export interface MachineLoad {
  /** Processes that run or want to. */
  readonly load: number
  /** One verification and one signature, P-256, in microseconds: no request can cost less, and a busy machine takes longer. */
  readonly floorMicroseconds: number
}

const FLOOR_ROUNDS = 300

/** Looks at the machine before a run, since a run is a load itself. */
export function machineLoad(): MachineLoad {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = new Uint8Array(500)
  const begin = performance.now()
  for (let round = 0; round < FLOOR_ROUNDS; round++) {
    verify('sha256', message, publicKey, sign('sha256', message, privateKey))
  }
  return { load: loadavg()[0] ?? 0, floorMicroseconds: ((performance.now() - begin) * 1000) / FLOOR_ROUNDS }
}

/** A sentence that says where and how figures were taken. */
export function provenance(
  argv: readonly string[],
  { now, machine: { load, floorMicroseconds } }: { readonly now: Date; readonly machine: MachineLoad },
): string {
  const words = argv.filter((word) => word !== '--write').join(' ')
  const cores = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores`
  const versions = `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`
  const busy = `load ${load.toFixed(1)} and F = ${Math.round(floorMicroseconds)} µs before`
  return `\`main.ts ${words}\` on ${now.toISOString().slice(0, 10)}: ${cores}, ${busy}; ${versions}.`
}
