import type { CertifyEvent, CertifyObserver, IssuerHolder } from '@meshid/identity'
import { IdentityError, identityErrorCodes } from '@meshid/identity'
import { identityServiceDefinition, identityServiceName, type RpcStatus } from '@meshid/rpc'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { CallObserver } from './observe-calls.ts'

/** What the server counts, and the observers that count it. */
export interface Metrics {
  readonly registry: Registry
  readonly certify: CertifyObserver
  readonly calls: CallObserver
}

interface MetricsOptions {
  readonly issuer: Pick<IssuerHolder, 'current'>
  readonly clock: { now(): Date }
}

/** In seconds: from a verdict that the API server remembers to the timeout of a review. */
const REVIEW_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** Makes all metrics, each from zero, so that the first of its kind is seen as an increase. */
export function createMetrics({ issuer, clock }: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addIssuerGauges(registry, { issuer, clock })
  return { registry, certify: countCertify(registry), calls: countCalls(registry) }
}

function addIssuerGauges(registry: Registry, { issuer, clock }: MetricsOptions): void {
  const notAfterMs = (): number => issuer.current?.notAfter.getTime() ?? 0
  const registers = [registry]
  void new Gauge({
    name: 'issuer_cert_ttl_seconds',
    help: 'The remaining seconds until the issuer certificate expires',
    registers,
    collect() {
      this.set(Math.max(0, (notAfterMs() - clock.now().getTime()) / 1000))
    },
  })
  void new Gauge({
    name: 'issuer_cert_not_after_timestamp_seconds',
    help: 'When the issuer certificate, or a CA above it, expires; 0 without an issuer',
    registers,
    collect() {
      this.set(notAfterMs() / 1000)
    },
  })
}

function countCertify(registry: Registry): CertifyObserver {
  const registers = [registry]
  const issued = new Counter({
    name: 'identity_certificates_issued_total',
    help: 'Certificates that were issued',
    registers,
  })
  const refused = new Counter({
    name: 'identity_requests_refused_total',
    help: 'Certify requests that were refused, by the code of the reason',
    labelNames: ['code'],
    registers,
  })
  const reviews = new Histogram({
    name: 'identity_token_review_seconds',
    help: 'Duration of token reviews, waiting for their turn included, by outcome',
    labelNames: ['outcome'],
    buckets: REVIEW_BUCKETS,
    registers,
  })
  for (const code of Object.keys(identityErrorCodes)) refused.inc({ code }, 0)
  return (event) => {
    if (event.type === 'validating') return
    if (event.type === 'issued') issued.inc()
    if (event.type === 'refused') refused.inc({ code: event.code })
    const { reviewMs } = event.durations
    if (reviewMs !== undefined) reviews.observe({ outcome: reviewOutcome(event) }, reviewMs / 1000)
  }
}

/** A request that is refused after its review, for its name, had an accepted token. */
function reviewOutcome(event: Exclude<CertifyEvent, { readonly type: 'validating' }>): string {
  if (event.type === 'issued' || event.step !== 'review') return 'accepted'
  if (event.type === 'aborted') return 'aborted'
  const { error, code } = event
  return error instanceof IdentityError ? (error.detail.causeCode ?? code) : code
}

function countCalls(registry: Registry): CallObserver {
  const labelNames = ['grpc_type', 'grpc_service', 'grpc_method']
  const started = new Counter({
    name: 'grpc_server_started_total',
    help: 'Total number of RPCs started on the server.',
    labelNames,
    registers: [registry],
  })
  const handled = new Counter({
    name: 'grpc_server_handled_total',
    help: 'Total number of RPCs completed on the server, regardless of success or failure.',
    labelNames: [...labelNames, 'grpc_code'],
    registers: [registry],
  })
  const certify = { grpc_type: 'unary', grpc_service: identityServiceName, grpc_method: 'Certify' }
  const isCertify = (path: string): boolean => path === identityServiceDefinition.certify.path
  started.inc(certify, 0)
  handled.inc({ ...certify, grpc_code: 'OK' }, 0)
  return {
    started(path) {
      if (isCertify(path)) started.inc(certify)
    },
    ended({ path, status }) {
      if (isCertify(path)) handled.inc({ ...certify, grpc_code: goCode(status) })
    },
  }
}

/** A status as Go spells it: `FailedPrecondition`, and `Canceled` with one l. */
function goCode(status: RpcStatus | 'OK'): string {
  if (status === 'OK') return 'OK'
  if (status === 'CANCELLED') return 'Canceled'
  return status.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
