import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** One path with its verdict. */
export interface PathCase {
  readonly id: string
  readonly kind: 'SERVER' | 'CLIENT'
  readonly expected_result: 'SUCCESS' | 'FAILURE'
  readonly time: string
  readonly peer: { readonly kind: string; readonly value: string }
  readonly leaf: string
  readonly intermediates: readonly string[]
  readonly roots: readonly string[]
  readonly note: string
}

/** One issuer credential with Linkerd's verdict. */
export interface IssuerCase {
  readonly id: string
  readonly time: string
  readonly expected: 'accept' | 'reject'
  readonly crt: string
  readonly key: string
  readonly trust_anchors: string
}

/** One SVID file with go-spiffe's verdict. */
export interface SvidCase {
  readonly id: string
  readonly expected: 'accept' | 'reject'
  readonly pem: string
  readonly certificates: number
  readonly id_expected?: string
}

/** Test data of Linkerd and go-spiffe, which stays outside of the project. */
export interface LinkerdFixtures {
  readonly testcases: readonly PathCase[]
  readonly issuers: readonly IssuerCase[]
  readonly svid_files: readonly SvidCase[]
}

const file = new URL('../../../../../shared/vectors/linkerd-fixtures.json.gz', import.meta.url)

/** The fixtures, or none of them with a message when the folder is not there. */
export function readLinkerdFixtures(): LinkerdFixtures {
  if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString()) as LinkerdFixtures
  process.stderr.write('linkerd-fixtures.json.gz is not in ../shared/vectors: its tests are skipped\n')
  return { testcases: [], issuers: [], svid_files: [] }
}
