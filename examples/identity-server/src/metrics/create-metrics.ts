import type { CertifyObserver } from '@meshid/identity'
import type { CallObserver } from '@meshid/rpc'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { addCertificateGauges, type CertificatesInUse } from './certificate-gauges.ts'
import { countCalls } from './count-calls.ts'
import { countCertify } from './count-certify.ts'
import { type CsrCounts, countCsrs } from './count-csrs.ts'
import { countEvents, type EventCounts } from './count-events.ts'
import { countReloads, type ReloadObserver } from './count-reloads.ts'
import { countReviews, type ReviewCounts } from './count-reviews.ts'
import { measureRequests, type RequestMeasures } from './measure-requests.ts'

/** What the server counts, and the observers that count it. */
export interface Metrics {
  readonly registry: Registry
  readonly certify: CertifyObserver
  readonly csrs: CsrCounts
  readonly calls: CallObserver
  readonly reloads: ReloadObserver
  readonly requests: RequestMeasures
  readonly reviews: ReviewCounts
  readonly events: EventCounts
}

/** Makes all metrics, each from zero, so that the first of its kind is seen as an increase. */
export function createMetrics(certificates: CertificatesInUse, clock: { now(): Date }): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addCertificateGauges(registry, { certificates, clock })
  return {
    registry,
    certify: countCertify(registry),
    csrs: countCsrs(registry),
    calls: countCalls(registry),
    reloads: countReloads(registry, clock),
    requests: measureRequests(registry),
    reviews: countReviews(registry),
    events: countEvents(registry),
  }
}
