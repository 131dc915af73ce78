import type { Issuer } from '@meshid/certificate'

/** Why a new issuer was not taken. */
export interface IssuerRefusal {
  /** The stable code of the error, such as `CERT_EXPIRED`; `UNKNOWN` for an error without one. */
  readonly code: string
  readonly message: string
  readonly at: Date
}

/** What a readiness check wants to know. */
export interface IssuerState {
  /** `waiting`: none yet; `serving`: one that is valid; `expired`: one whose path has run out. */
  readonly status: 'waiting' | 'serving' | 'expired'
  /** Since when the current issuer is in use. */
  readonly since?: Date
  /** From when on the current issuer cannot issue. */
  readonly notAfter?: Date
  /** The last refusal after the current issuer was taken: a newer one waits for correction. */
  readonly lastRefusal?: IssuerRefusal
}

/** Holds the issuer in use; requests that are under way keep the one they began with. */
export interface IssuerHolder {
  readonly current: Issuer | undefined
  /** Takes a new issuer, for every request from now on, and forgets the last refusal. */
  replace(issuer: Issuer, at: Date): void
  /** Notes that a new issuer was refused; the current one stays. */
  refuse(error: unknown, at: Date): void
  state(now: Date): IssuerState
}

/** Makes an empty holder. It checks nothing: `createIssuer` has tried what it is given. */
export function createIssuerHolder(): IssuerHolder {
  let held: { readonly issuer: Issuer; readonly since: Date } | undefined
  let lastRefusal: IssuerRefusal | undefined
  return Object.freeze({
    get current() {
      return held?.issuer
    },
    replace(issuer: Issuer, at: Date): void {
      held = { issuer, since: new Date(at) }
      lastRefusal = undefined
    },
    refuse(error: unknown, at: Date): void {
      lastRefusal = Object.freeze({ ...describe(error), at: new Date(at) })
    },
    state(now: Date): IssuerState {
      const refusal = lastRefusal === undefined ? {} : { lastRefusal }
      if (held === undefined) return Object.freeze({ status: 'waiting', ...refusal })
      const { since, issuer } = held
      const { notAfter } = issuer
      return Object.freeze({ status: now <= notAfter ? 'serving' : 'expired', since, notAfter, ...refusal })
    },
  })
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: 'unknown' }
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN', message: error.message }
}
