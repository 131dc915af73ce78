import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'

const pageUrl = new URL('../../../../docs/scale.md', import.meta.url)
const chartsUrl = new URL('../../../../docs/scale/', import.meta.url)

/** Parts of docs/scale.md that this program writes. */
export type ScaleSection = 'storm' | 'rolling' | 'steady' | 'issuer-swap' | 'connections' | 'model-storm' | 'model-life'

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

/** The load of the machine, in runnable processes; read before a run, since the run is a load itself. */
export const loadNow = (): number => loadavg()[0] ?? 0

/** A sentence that says where and how figures were taken. */
export function provenance(
  argv: readonly string[],
  { now, load }: { readonly now: Date; readonly load: number },
): string {
  const words = argv.filter((word) => word !== '--write').join(' ')
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores`
  const versions = `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`
  return `\`main.ts ${words}\` on ${now.toISOString().slice(0, 10)}: ${machine}, load ${load.toFixed(1)} before; ${versions}.`
}
