import type { KubernetesRequest, KubernetesResponse, KubernetesTransport } from '@meshid/token-review'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The budget of one client. */
export interface RequestBudget {
  readonly qps: number
  readonly burst: number
}

/** Makes a transport that counts what goes through it under the name of one client. */
export type RequestMeasures = (
  transport: KubernetesTransport,
  client: string,
  budget: RequestBudget,
) => KubernetesTransport

/** Linkerd's: 0.01 to 0.05, 0.1 to 0.5, 1 to 5 and 10 to 50 seconds. */
const LATENCY_BUCKETS = [0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 4, 5, 10, 20, 30, 40, 50]

/** Measures requests to the Kubernetes API, by Linkerd's names and labels; waiting for a turn is not in them. */
export function measureRequests(registry: Registry): RequestMeasures {
  const meters = createMeters(registry)
  return (transport, client, { qps, burst }) => {
    meters.qps.set({ client }, qps)
    meters.burst.set({ client }, burst)
    meters.inFlight.set({ client }, 0)
    return Object.freeze({
      async request(request: KubernetesRequest): Promise<KubernetesResponse> {
        const method = request.method.toLowerCase()
        const begin = performance.now()
        meters.inFlight.inc({ client })
        try {
          const response = await transport.request(request)
          const labels = { client, code: String(response.status), method }
          meters.requests.inc(labels)
          meters.latency.observe(labels, (performance.now() - begin) / 1000)
          return response
        } catch (error) {
          meters.errors.inc({ client, method })
          throw error
        } finally {
          meters.inFlight.dec({ client })
        }
      },
    })
  }
}

function createMeters(registry: Registry) {
  const registers = [registry]
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, labelNames: ['client'], registers })
  return {
    qps: gauge('http_client_qps', 'Max QPS used for the client config.'),
    burst: gauge('http_client_burst', 'Burst used for the client config.'),
    inFlight: gauge('http_client_in_flight_requests', 'A gauge of in-flight requests for the wrapped client.'),
    requests: new Counter({
      name: 'http_client_requests_total',
      help: 'A counter for requests from the wrapped client.',
      labelNames: ['client', 'code', 'method'],
      registers,
    }),
    errors: new Counter({
      name: 'http_client_errors_total',
      help: 'A counter for errors from the wrapped client.',
      labelNames: ['client', 'method'],
      registers,
    }),
    latency: new Histogram({
      name: 'http_client_request_latency_seconds',
      help: 'A histogram of request latencies.',
      labelNames: ['client', 'code', 'method'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
  }
}
