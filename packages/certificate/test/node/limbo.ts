import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** One case of x509-limbo. */
export interface LimboCase {
  readonly id: string
  readonly group: string
  readonly tier: 'must' | 'should' | 'advisory' | 'feature'
  readonly kind: 'SERVER' | 'CLIENT'
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly time: string
  /** Absent when no name is asked for. */
  readonly peer?: { readonly kind: 'DNS' | 'IP' | 'RFC822' | 'URI'; readonly value: string } | null
  readonly max_chain_depth?: number
  readonly leaf: string
  readonly intermediates: readonly string[]
  readonly roots: readonly string[]
  readonly description: string
}

const file = new URL('../../../../../shared/vectors/limbo-subset.json.gz', import.meta.url)

/** The cases, or none of them with a message when the folder is not there. */
export function readLimbo(): readonly LimboCase[] {
  if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString()).testcases
  process.stderr.write('limbo-subset.json.gz is not in ../shared/vectors: its tests are skipped\n')
  return []
}
