import type { HeapDiff } from '../soak/heap-snapshot.ts'
import type { MemoryGrowth } from '../soak/memory-growth.ts'
import type { SoakResult, SoakSample } from '../soak/run-soak.ts'
import { bar } from './latency-chart.ts'
import { svgChart } from './svg-chart.ts'

const count = (value: number): string => Math.round(value).toLocaleString('en')
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text)
const percent = (share: number): string => signed(`${(share * 100).toFixed(1)} %`, share)

/** The heads of the table of what memory became. */
export const growthHeads: readonly string[] = [
  'memory',
  'second quarter',
  'last quarter',
  'growth',
  'slope, a million requests',
]

/** Its rows: resident memory, the heap as it was looked at, and what was alive in it. */
export function growthRows({ rss, heapUsed, heap }: SoakResult): readonly (readonly string[])[] {
  const row = (name: string, { fromBytes, toBytes, growth, bytesPerRequest }: MemoryGrowth): readonly string[] => [
    name,
    mebibytes(fromBytes),
    mebibytes(toBytes),
    percent(growth),
    signed(mebibytes(bytesPerRequest * 1e6), bytesPerRequest),
  ]
  const { before, after } = heap
  const alive = after.bytes / before.bytes - 1
  return [
    row('resident', rss),
    row('heap, garbage included', heapUsed),
    ['heap alive: first and last snapshot', mebibytes(before.bytes), mebibytes(after.bytes), percent(alive), '-'],
  ]
}

/** The heads of the table of constructors. */
export const heapHeads: readonly string[] = [
  'constructor',
  'objects before',
  'objects after',
  'KiB before',
  'KiB after',
  'change, KiB',
]

/** Its rows: those that have changed most, and all together. */
export function heapRows({ before, after, changes }: HeapDiff): readonly (readonly string[])[] {
  const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(1)
  return [...changes, { name: 'all', before, after }].map((change) => {
    const grown = change.after.bytes - change.before.bytes
    return [
      change.name,
      count(change.before.count),
      count(change.after.count),
      kibibytes(change.before.bytes),
      kibibytes(change.after.bytes),
      signed(kibibytes(grown), grown),
    ]
  })
}

/** Lines of the text chart. */
const LINES = 20

/** Resident memory as lines of text, each the mean of a part of the run. */
export function soakText(samples: readonly SoakSample[]): string {
  const size = Math.max(1, Math.ceil(samples.length / LINES))
  const parts = Array.from({ length: Math.ceil(samples.length / size) }, (_, index) =>
    samples.slice(index * size, (index + 1) * size),
  )
  const means = parts.map((part) => ({
    requests: part.at(-1)?.requests ?? 0,
    bytes: part.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / part.length,
  }))
  const most = Math.max(1, ...means.map(({ bytes }) => bytes))
  return means
    .map(
      ({ requests, bytes }) => `${count(requests).padStart(12)} ${mebibytes(bytes).padStart(10)} ${bar(bytes / most)}`,
    )
    .join('\n')
}

/** Resident memory and the heap as SVG. */
export function soakSvg(title: string, samples: readonly SoakSample[]): string {
  const line = (name: string, pick: (sample: SoakSample) => number) => ({
    name,
    points: samples.map((sample) => [sample.requests, pick(sample) / 2 ** 20] as const),
  })
  return svgChart({
    title,
    x: { label: 'requests', format: count },
    y: { label: 'MiB' },
    series: [
      line('resident', ({ rssBytes }) => rssBytes),
      line('heap, garbage included', ({ heapUsedBytes }) => heapUsedBytes),
    ],
  })
}
