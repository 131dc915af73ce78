import { readFile } from 'node:fs/promises'

/** What objects of one kind have. */
export interface HeapShare {
  readonly count: number
  readonly bytes: number
}

/** The objects of a heap by their constructors; what has none is by its type, in parentheses. */
export type HeapCensus = ReadonlyMap<string, HeapShare>

/** The parts of a `.heapsnapshot` that are read here: nodes are numbers, as many each as there are fields. */
interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[]
      readonly node_types: readonly (readonly string[] | string)[]
    }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** Types whose nodes are named after their constructor; the name of others is their content. */
const named: readonly string[] = ['object', 'native']

/** Counts the objects of a heap snapshot, as V8 writes it. */
export function parseHeapSnapshot(json: string): HeapCensus {
  const { snapshot, nodes, strings } = JSON.parse(json) as HeapSnapshot
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  if (typeAt === undefined || nameAt === undefined || sizeAt === undefined || Math.min(typeAt, nameAt, sizeAt) < 0) {
    throw new Error(`expected nodes with type, name and self_size, found ${fields.join(', ')}`)
  }
  const typeNames = types[typeAt] ?? []
  const census = new Map<string, { count: number; bytes: number }>()
  for (let node = 0; node < nodes.length; node += fields.length) {
    const type = typeNames[nodes[node + typeAt] ?? 0] ?? 'unknown'
    const name = named.includes(type) ? (strings[nodes[node + nameAt] ?? 0] ?? '') : `(${type})`
    const share = census.get(name) ?? { count: 0, bytes: 0 }
    share.count++
    share.bytes += nodes[node + sizeAt] ?? 0
    census.set(name, share)
  }
  return census
}

/** Reads a file that V8 has written. */
export async function readHeapSnapshot(file: string): Promise<HeapCensus> {
  return parseHeapSnapshot(await readFile(file, 'utf8'))
}

/** What became of the objects of one constructor. */
export interface HeapChange {
  readonly name: string
  readonly before: HeapShare
  readonly after: HeapShare
}

/** What became of a heap. */
export interface HeapDiff {
  readonly before: HeapShare
  readonly after: HeapShare
  /** Constructors whose objects have changed most, in bytes, the most first. */
  readonly changes: readonly HeapChange[]
}

const nothing: HeapShare = { count: 0, bytes: 0 }

/** Compares two censuses, and names the constructors that have changed most. */
export function diffHeaps(before: HeapCensus, after: HeapCensus, most = 10): HeapDiff {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const changes = names.map((name) => ({
    name,
    before: before.get(name) ?? nothing,
    after: after.get(name) ?? nothing,
  }))
  const change = (one: HeapChange): number => Math.abs(one.after.bytes - one.before.bytes)
  return {
    before: totalOf(before),
    after: totalOf(after),
    changes: changes.toSorted((one, other) => change(other) - change(one)).slice(0, most),
  }
}

function totalOf(census: HeapCensus): HeapShare {
  let [count, bytes] = [0, 0]
  for (const share of census.values()) {
    count += share.count
    bytes += share.bytes
  }
  return { count, bytes }
}
