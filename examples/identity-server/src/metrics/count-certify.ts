import { type CertifyEvent, type CertifyObserver, IdentityError, identityErrorCodes } from '@meshid/identity'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** In seconds: from an answer that is remembered to the end of a wait in the queue. */
const REVIEW_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts what became of certify requests. */
export function countCertify(registry: Registry): CertifyObserver {
  const { issued, notAfter, refused, aborted, reviews } = createMeters([registry])
  for (const code of Object.keys(identityErrorCodes)) refused.inc({ code }, 0)
  for (const step of ['request', 'csr', 'review', 'match', 'issue']) aborted.inc({ step }, 0)
  return (event) => {
    if (event.type === 'validating') return
    if (event.type === 'refused') refused.inc({ code: event.code })
    if (event.type === 'aborted') aborted.inc({ step: event.step })
    if (event.type === 'issued') {
      issued.inc()
      notAfter.set(event.notAfter.getTime() / 1000)
    }
    const { reviewMs } = event.durations
    if (reviewMs !== undefined) reviews.observe({ outcome: reviewOutcome(event) }, reviewMs / 1000)
  }
}

function createMeters(registers: Registry[]) {
  return {
    issued: new Counter({
      name: 'identity_certificates_issued_total',
      help: 'Certificates that were issued',
      registers,
    }),
    notAfter: new Gauge({
      name: 'identity_certificate_not_after_timestamp_seconds',
      help: 'When the leaf that was issued last expires; 0 before the first',
      registers,
    }),
    refused: new Counter({
      name: 'identity_requests_refused_total',
      help: 'Certify requests that were refused, by the code of the reason',
      labelNames: ['code'],
      registers,
    }),
    aborted: new Counter({
      name: 'identity_requests_aborted_total',
      help: 'Certify requests whose caller gave up or ran out of time, by the step that they were at',
      labelNames: ['step'],
      registers,
    }),
    reviews: new Histogram({
      name: 'identity_token_review_seconds',
      help: 'Duration of token reviews, waiting for their turn included, by outcome',
      labelNames: ['outcome'],
      buckets: REVIEW_BUCKETS,
      registers,
    }),
  }
}

/** A request that is refused after its review, for its name, had an accepted token. */
function reviewOutcome(event: Exclude<CertifyEvent, { readonly type: 'validating' }>): string {
  if (event.type === 'issued' || event.step !== 'review') return 'accepted'
  if (event.type === 'aborted') return 'aborted'
  const { error, code } = event
  return error instanceof IdentityError ? (error.detail.causeCode ?? code) : code
}
