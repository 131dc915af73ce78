import type { CertifyObserver } from '@meshid/identity'

/** Tells decisions to whoever keeps them. */
export interface Audit {
  readonly observers: readonly CertifyObserver[]
  /** Does what is decided for a caller, whose address is in the lines about it. */
  during<T>(peer: string, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Keeps nothing. */
export const noAudit: Audit = { observers: [], during: (_peer, work) => work(), close: () => Promise.resolve() }
