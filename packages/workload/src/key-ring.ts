import type { Credential } from './credential.ts'
import type { EndEntityDirectory } from './end-entity-directory.ts'
import { WorkloadError } from './errors.ts'
import { generateKeyMaterial, type KeyMaterial, writeKeyMaterial } from './key-material.ts'
import type { WorkloadName } from './workload-name.ts'

/** When a workload makes a new key: never, at every renewal, or when the old one has had so many certificates. */
export type Rekey = 'never' | 'every-renewal' | { readonly certificatesPerKey: number }

/** The keys of a certify loop: the one in use, and the one that is asked for. */
export interface KeyRing {
  /** The pair of the latest credential, or the one to start with. */
  readonly current: KeyMaterial
  /** The pair to ask with: the current one, or a new one that stays in memory until it has its certificate. */
  next(): Promise<KeyMaterial>
  /** Writes a pair that has its certificate, if it is new. Not being able to is told and no reason to do without it. */
  keep(material: KeyMaterial, credential: Credential): Promise<void>
  /** Takes notice that a credential is in use, and its pair with it. */
  adopt(credential: Credential): void
}

/** Options of {@link createKeyRing}. */
export interface KeyRingOptions {
  readonly name: WorkloadName
  readonly directory: EndEntityDirectory
  readonly rekey?: Rekey
  readonly onNotWritten: (error: WorkloadError) => void
}

/** Creates the ring around the pair that the directory holds. */
export function createKeyRing(
  first: KeyMaterial,
  { name, directory, onNotWritten, rekey = 'never' }: KeyRingOptions,
): KeyRing {
  const certificatesPerKey = countOf(rekey)
  const kept = new WeakMap<Credential, KeyMaterial>()
  let current = first
  let pending: KeyMaterial | undefined
  let certificates = 0
  return {
    get current() {
      return current
    },
    async next() {
      if (certificates < certificatesPerKey) return current
      pending ??= await generateKeyMaterial(name, `the key had ${certificates} certificates`)
      return pending
    },
    async keep(material, credential) {
      kept.set(credential, material)
      if (material === current) return
      try {
        await writeKeyMaterial(directory, material, { name })
      } catch (error) {
        if (!(error instanceof WorkloadError)) throw error
        onNotWritten(error)
      }
    },
    adopt(credential) {
      const material = kept.get(credential) ?? current
      certificates = material === current ? certificates + 1 : 1
      current = material
      pending = undefined
    },
  }
}

function countOf(rekey: Rekey): number {
  if (rekey === 'never') return Infinity
  if (rekey === 'every-renewal') return 1
  const { certificatesPerKey } = rekey
  if (Number.isSafeInteger(certificatesPerKey) && certificatesPerKey > 0) return certificatesPerKey
  throw new RangeError(`rekey: expected certificatesPerKey of 1 or more, found ${certificatesPerKey}`)
}
