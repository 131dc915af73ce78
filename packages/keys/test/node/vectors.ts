import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** A signature of Wycheproof. */
export interface SignatureVector {
  readonly tcId: number
  readonly comment: string
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'acceptable' | 'invalid'
  readonly flags: readonly string[]
}

/** Signatures of one algorithm in one encoding. */
export interface SignatureSet {
  readonly name: string
  readonly curve: 'P-256' | 'P-384' | 'Ed25519' | 'RSA'
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null
  readonly format: 'der' | 'p1363' | 'raw'
  readonly groups: readonly { readonly spki: string; readonly tests: readonly SignatureVector[] }[]
}

/** A SubjectPublicKeyInfo of Wycheproof. */
export interface SpkiVector {
  readonly curve: 'P-256' | 'P-384'
  readonly tcId: number
  readonly spki: string
  readonly result: 'valid' | 'acceptable' | 'invalid'
  readonly flags: readonly string[]
  readonly comment: string
}

/** The signatures and public keys of C2SP Wycheproof. */
export interface Wycheproof {
  readonly sets: readonly SignatureSet[]
  readonly spki: readonly SpkiVector[]
}

const file = new URL('../../../../../shared/vectors/wycheproof.json.gz', import.meta.url)

/** Reads the vectors, or says on the console that they are missing and returns undefined. */
export function readWycheproof(): Wycheproof | undefined {
  if (existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Wycheproof
  process.stderr.write('wycheproof.json.gz is not in ../shared/vectors: its tests are skipped\n')
  return undefined
}
