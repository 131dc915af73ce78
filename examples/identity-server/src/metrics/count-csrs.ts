import type { CsrMemoryCounts } from '@meshid/csr'
import { Counter, Gauge, type Registry } from 'prom-client'

/** Shows what the memory of CSRs did. */
export interface CsrCounts {
  /** Says which memory the counts are read from; until then they are 0. */
  readonly follow: (memory: CsrMemoryCounts) => void
}

/** Makes the counts of the memory, each from zero; they are read when they are scraped. */
export function countCsrs(registry: Registry): CsrCounts {
  const registers = [registry]
  let memory: CsrMemoryCounts | undefined
  void new Counter({
    name: 'identity_csrs_total',
    help: 'CSRs that were remembered as verified, or had to be verified',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      this.inc({ outcome: 'remembered' }, memory?.hits ?? 0)
      this.inc({ outcome: 'new' }, memory?.misses ?? 0)
    },
  })
  void new Gauge({
    name: 'identity_csrs_remembered',
    help: 'Verified CSRs that are remembered',
    registers,
    collect() {
      this.set(memory?.size ?? 0)
    },
  })
  return { follow: (followed) => (memory = followed) }
}
