import type { Logger } from '@meshid/example-operations'
import { fingerprint } from '@meshid/certificate'
import { type CertifyLoopEvent, type Credential, formatWorkloadName } from '@meshid/workload'
import type { Metrics } from './metrics.ts'
import { describeError } from './peer-report.ts'

function certified(log: Logger, credential: Credential, attempt: number): void {
  const { name, leaf, notBefore, notAfter } = credential
  const fields = {
    id: formatWorkloadName(name),
    not_before: notBefore.toISOString(),
    not_after: notAfter.toISOString(),
    serial: leaf.serialNumber,
    issuer: leaf.issuer.commonName ?? '',
    fingerprint: fingerprint(leaf),
    attempt,
  }
  log.info(fields, 'Certified identity')
}

function renewed({ validity }: Extract<CertifyLoopEvent, { type: 'renewed' }>, metrics: Metrics): void {
  metrics.refreshes.inc({ result: 'ok' })
  metrics.refreshed.setToCurrentTime()
  metrics.expiration.set(validity.notAfter.getTime() / 1000)
}

type FailedEvent = Extract<CertifyLoopEvent, { type: 'failed' }>

function failed({ error, nextAttemptAt }: FailedEvent, log: Logger, metrics: Metrics): void {
  metrics.refreshes.inc({ result: 'error' })
  metrics.failures.inc({ reason: describeError(error).code })
  log.warn({ ...describeError(error), next_attempt: nextAttemptAt.toISOString() }, 'Failed to obtain identity')
}

/** Tells the log and the metrics what comes of each attempt; failed calls count too (Q34). */
export function createCertificationReport(log: Logger, metrics: Metrics) {
  return (event: CertifyLoopEvent, credential: Credential | undefined): void => {
    switch (event.type) {
      case 'renewed':
        renewed(event, metrics)
        if (credential) certified(log, credential, event.attempt)
        break
      case 'failed':
        failed(event, log, metrics)
        break
      case 'not-extended':
        log.warn(
          { not_after: event.validity.notAfter.toISOString(), gain_ms: event.gainMs },
          'The renewal did not extend the certificate; the issuer may be about to expire',
        )
        break
      case 'clock-skew':
        log.warn(
          { difference_ms: event.differenceMs, margin_ms: event.marginMs },
          'The clock differs from that of the issuer; certificates may seem expired or not yet valid',
        )
        break
      case 'key-not-written':
        log.error(describeError(event.error), 'The new key is in use, but could not be written')
        break
      case 'expired':
        log.error({ expired_at: event.expiredAt.toISOString() }, 'Identity certificate has expired')
        break
      case 'scheduled':
        log.debug({ next_attempt: event.nextAttemptAt.toISOString() }, 'Waiting to refresh identity')
        break
      case 'listener-failed':
        log.error(describeError(event.error), 'A listener of the credential failed')
        break
    }
  }
}
