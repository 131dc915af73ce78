import { readFile } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { join } from 'node:path'
import type { Logger } from '@meshid/example-operations'
import { systemClock as clock } from '@meshid/refresh'
import { createRateLimitedTransport, type KubernetesTransport, type RateLimitedTransport } from '@meshid/token-review'
import {
  type ClusterRequestReport,
  type ClusterTransport,
  createClusterTransport,
  inClusterTransportOptions,
} from '@meshid/token-review/node'
import { codedText } from './coded-text.ts'
import type { Flags } from './flags.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { createKubeconfigTransport } from './kubeconfig-transport.ts'
import type { Metrics } from './metrics/create-metrics.ts'
import type { RequestBudget } from './metrics/measure-requests.ts'
import { step } from './start-error.ts'

/** What may be spent on events: enough for a rolling restart, and nothing of what token reviews have (Q31). */
export const EVENT_BUDGET: RequestBudget = { qps: 20, burst: 40 }

/** What may be spent on the published keys: one fetch a second at most, since tokens that name no known key cause them. */
export const KEYS_BUDGET: RequestBudget = { qps: 1, burst: 2 }

/** The ways to the Kubernetes API, each with a budget of its own. */
export interface KubernetesClient {
  /** For token reviews, and all else that requests wait for. */
  readonly reviews: RateLimitedTransport
  /** For events, which nobody waits for. */
  readonly events: KubernetesTransport
  /** For the published keys of the cluster. */
  readonly keys: KubernetesTransport
  /** The namespace of this pod; `default` outside of one. */
  readonly namespace: string
  /** Lets go of all connections. */
  close(): void
}

export interface KubernetesClientOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'requests' | 'reviews'>
}

/**
 * Makes the client that Linkerd's controllers have: limited in its rate, each request in the debug log. Events and keys go
 * over connections of their own, and into the trace log: nobody waits for them.
 */
export async function createKubernetesClient(
  flags: Flags,
  { env, log, metrics }: KubernetesClientOptions,
): Promise<KubernetesClient> {
  const { kubeApiclientQps: qps, kubeApiclientBurst: burst, reviewQueue: maxQueue } = flags
  const { connect, namespace } = await reach(flags, env)
  const asked = connect((report) => log.debug(requestLine(report)))
  const background = connect((report) => log.trace(requestLine(report)))
  log.info(`Using k8s client with QPS=${qps.toFixed(2)} Burst=${burst}`)
  const budgeted = (name: string, budget: RequestBudget): KubernetesTransport =>
    createRateLimitedTransport(metrics.requests(background, name, budget), { ...budget, maxQueue: 1, clock })
  const { observer } = metrics.reviews
  return {
    reviews: createRateLimitedTransport(metrics.requests(asked, 'k8s', { qps, burst }), {
      qps,
      burst,
      maxQueue,
      clock,
      observer,
    }),
    events: budgeted('k8s-events', EVENT_BUDGET),
    keys: budgeted('k8s-keys', KEYS_BUDGET),
    namespace,
    close() {
      asked[Symbol.dispose]()
      background[Symbol.dispose]()
    },
  }
}

interface Reach {
  readonly connect: (observer: (report: ClusterRequestReport) => void) => ClusterTransport
  readonly namespace: string
}

/** The API server of this pod's cluster, or the one that a kubeconfig names. */
async function reach(
  { kubeconfig, serviceAccountDir, reviewTimeout: timeoutMs }: Flags,
  env: KubernetesClientOptions['env'],
): Promise<Reach> {
  if (kubeconfig !== '') {
    const found = await step(`Failed to load kubeconfig: ${kubeconfig}`, () => readKubeconfig(kubeconfig))
    const connect: Reach['connect'] = (observer) => createKubeconfigTransport(found, { timeoutMs, observer })
    return { connect, namespace: found.namespace }
  }
  const options = await step('Error configuring Kubernetes API client', () => ({
    ...inClusterTransportOptions(env),
    caFile: join(serviceAccountDir, 'ca.crt'),
    tokenFile: join(serviceAccountDir, 'token'),
    timeoutMs,
  }))
  const text = await readFile(join(serviceAccountDir, 'namespace'), 'utf8').catch(() => '')
  const namespace = text.trim() === '' ? 'default' : text.trim()
  return { connect: (observer) => createClusterTransport({ ...options, observer }), namespace }
}

/** One request as client-go logs it. */
function requestLine({ method, url, status, durationMs, error }: ClusterRequestReport): string {
  const outcome = status === undefined ? 'without an answer' : `${status} ${STATUS_CODES[status] ?? 'Unknown'}`
  const line = `${method} ${url} ${outcome} in ${Math.round(durationMs)} milliseconds`
  return status === undefined ? `${line}: ${codedText(error)}` : line
}
