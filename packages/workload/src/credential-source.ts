import type { Credential } from './credential.ts'
import { WorkloadError } from './errors.ts'

/** The read end: what TLS uses. It only ever shows credentials that were verified. */
export interface CredentialSource {
  /** The latest credential; it may have expired since. */
  readonly current: Credential | undefined
  /**
   * The latest credential if it may be used now.
   * @throws WorkloadError WORKLOAD_NO_CREDENTIAL, WORKLOAD_CREDENTIAL_EXPIRED
   */
  usable(now: Date): Credential
  /** Calls the listener for each new credential; returns the function that ends it. */
  onChange(listener: (credential: Credential) => void): () => void
}

/** The write end, kept by whoever renews. */
export interface CredentialStore {
  readonly source: CredentialSource
  /** Makes a verified credential the current one and tells every listener; one that throws does not keep the others from it. */
  publish(credential: Credential): void
}

/** Creates the two ends of a place for the current credential. */
export function createCredentialStore(): CredentialStore {
  let current: Credential | undefined
  const listeners = new Set<(credential: Credential) => void>()
  const source: CredentialSource = {
    get current() {
      return current
    },
    usable(now) {
      if (current === undefined) {
        throw new WorkloadError('WORKLOAD_NO_CREDENTIAL', 'expected a credential, found none yet')
      }
      if (now > current.notAfter) {
        const found = current.notAfter.toISOString()
        throw new WorkloadError(
          'WORKLOAD_CREDENTIAL_EXPIRED',
          `expected a credential for ${now.toISOString()}, found one until ${found}`,
          {
            detail: { expected: now.toISOString(), found },
          },
        )
      }
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const publish = (credential: Credential): void => {
    current = credential
    const failures: unknown[] = []
    for (const listener of listeners) {
      try {
        listener(credential)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a listener of the credential source failed')
  }
  return Object.freeze({ source: Object.freeze(source), publish })
}
