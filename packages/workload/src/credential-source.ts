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
  /**
   * Makes a verified credential the current one and tells every listener.
   * @throws AggregateError at the end, of what listeners threw; the credential is current nevertheless
   */
  readonly publish: (credential: Credential) => void
}

/** Creates the two ends of a place for the current credential. */
export function createCredentialStore(): CredentialStore {
  let current: Credential | undefined
  const listeners = new Set<(credential: Credential) => void>()
  const source: CredentialSource = {
    get current() {
      return current
    },
    usable: (now) => checkUsable(current, now),
    onChange(listener) {
      const own = (credential: Credential): void => listener(credential)
      listeners.add(own)
      return () => void listeners.delete(own)
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

function checkUsable(credential: Credential | undefined, now: Date): Credential {
  if (credential === undefined) {
    throw new WorkloadError('WORKLOAD_NO_CREDENTIAL', 'own credential: expected one, found none yet')
  }
  if (now <= credential.notAfter) return credential
  const detail = { expected: now.toISOString(), found: credential.notAfter.toISOString() }
  const message = `own credential: expected one that is valid at ${detail.expected}, found one until ${detail.found}`
  throw new WorkloadError('WORKLOAD_CREDENTIAL_EXPIRED', message, { detail })
}
