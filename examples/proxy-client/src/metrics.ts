import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

/** The proxy's metrics; Linkerd's names where it has one. */
export interface Metrics {
  readonly registry: Registry
  readonly expiration: Gauge
  readonly refreshed: Gauge
  readonly refreshes: Counter<'result'>
  /** Why attempts failed (Q34). */
  readonly failures: Counter<'reason'>
  readonly connections: Counter<'direction' | 'result'>
}

/** Creates the metrics in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    expiration: new Gauge({
      name: 'control_identity_cert_expiration_timestamp_seconds',
      help: "Time when this proxy's current mTLS identity certificate will expire (in seconds since the UNIX epoch)",
      registers,
    }),
    refreshed: new Gauge({
      name: 'control_identity_cert_refresh_timestamp_seconds',
      help: "Time when this proxy's current mTLS identity certificate was last updated",
      registers,
    }),
    refreshes: new Counter({
      name: 'control_identity_cert_refreshes_total',
      help: "The total number of times this proxy's mTLS identity certificate has been refreshed by the Identity provider",
      labelNames: ['result'],
      registers,
    }),
    failures: new Counter({
      name: 'meshid_proxy_certify_failures_total',
      help: 'Attempts to obtain a certificate that failed, by the code of the error: calls, refusals and local rejections',
      labelNames: ['reason'],
      registers,
    }),
    connections: new Counter({
      name: 'meshid_proxy_connections_total',
      help: 'Connections by direction and result: accepted or refused, and broken or app_unreachable when accepted in vain',
      labelNames: ['direction', 'result'],
      registers,
    }),
  }
}
