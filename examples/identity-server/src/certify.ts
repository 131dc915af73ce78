import type { AsyncCsrMemory } from '@meshid/csr'
import type { Logger } from '@meshid/example-operations'
import {
  type CertifyObserver,
  createCertifier,
  IdentityError,
  type IssuerHolder,
  type Profile,
  statusOf,
} from '@meshid/identity'
import { type IdentityServiceOptions, RpcError } from '@meshid/rpc'
import type { TokenReviewer } from '@meshid/token-review'
import { beginInSlices } from './begin-in-slices.ts'
import { type Audit, noAudit } from './audit/audit.ts'
import { logCertify } from './certify-log.ts'

export interface CertifyOptions {
  readonly profile: Profile
  readonly reviewer: TokenReviewer
  readonly holder: IssuerHolder
  readonly csrMemory: AsyncCsrMemory
  readonly clock: { now(): Date }
  readonly log: Logger
  /** Of `--log-format`; default plain. */
  readonly logFormat?: string
  /** Default none. */
  readonly audit?: Audit
  /** Told of each event after the log. */
  readonly observers: readonly CertifyObserver[]
}

/** Makes the Certify of the wire: what is refused gets the status and the words of the profile. */
export function createCertify({
  profile,
  reviewer,
  holder,
  csrMemory,
  clock,
  log,
  logFormat = 'plain',
  audit = noAudit,
  observers,
}: CertifyOptions): IdentityServiceOptions['certify'] {
  const all = [logCertify(log, { format: logFormat }), ...observers, ...audit.observers]
  const certifier = createCertifier({
    reviewer,
    profile,
    issuer: holder,
    csrMemory,
    clock,
    observer: (event) => {
      for (const observe of all) observe(event)
    },
    monotonicMs,
  })
  const begin = beginInSlices({ monotonicMs })
  return ({ identity, token, certificateSigningRequest: csr }, { signal, peer }) =>
    begin(async () => {
      const ask = () => certifier.certify({ identity, token, csr }, { signal })
      try {
        const { leaf, intermediates, validUntil } = await audit.during(peer, ask)
        return { leafCertificate: leaf, intermediateCertificates: intermediates, validUntil }
      } catch (cause) {
        if (!(cause instanceof IdentityError)) throw cause
        const { status, message, retryAfterMs } = statusOf(cause, profile)
        throw new RpcError(status, message, { cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
      }
    })
}

const monotonicMs = (): number => performance.now()
