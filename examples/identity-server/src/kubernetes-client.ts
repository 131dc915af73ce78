import { STATUS_CODES } from 'node:http'
import { join } from 'node:path'
import type { Logger } from '@meshid/example-operations'
import { systemClock } from '@meshid/refresh'
import { createRateLimitedTransport, type KubernetesTransport } from '@meshid/token-review'
import { type ClusterRequestReport, createClusterTransport, inClusterTransportOptions } from '@meshid/token-review/node'
import { codedText } from './coded-text.ts'
import type { Flags } from './flags.ts'

/** How long one request may take: less than a proxy waits, so that it hears what went wrong. */
export const API_TIMEOUT_MS = 5000

/** The way to the Kubernetes API; `close` lets go of its connections. */
export interface KubernetesClient {
  readonly transport: KubernetesTransport
  close(): void
}

/** Makes the client that Linkerd's controllers have: of this pod's account, limited in its rate, each request in the debug log. */
export function createKubernetesClient(
  flags: Flags,
  { env, log }: { readonly env: Readonly<Record<string, string | undefined>>; readonly log: Logger },
): KubernetesClient {
  const { serviceAccountDir, kubeApiclientQps: qps, kubeApiclientBurst: burst } = flags
  const cluster = createClusterTransport({
    ...inClusterTransportOptions(env),
    caFile: join(serviceAccountDir, 'ca.crt'),
    tokenFile: join(serviceAccountDir, 'token'),
    timeoutMs: API_TIMEOUT_MS,
    observer: (report) => log.debug(requestLine(report)),
  })
  log.info(`Using k8s client with QPS=${qps.toFixed(2)} Burst=${burst}`)
  return {
    transport: createRateLimitedTransport(cluster, { qps, burst, clock: systemClock }),
    close: () => cluster[Symbol.dispose](),
  }
}

/** One request as client-go logs it. */
function requestLine({ method, url, status, durationMs, error }: ClusterRequestReport): string {
  const outcome = status === undefined ? 'without an answer' : `${status} ${STATUS_CODES[status] ?? 'Unknown'}`
  const line = `${method} ${url} ${outcome} in ${Math.round(durationMs)} milliseconds`
  return status === undefined ? `${line}: ${codedText(error)}` : line
}
