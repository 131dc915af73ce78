import { type CallObserver, identityServiceDefinition, identityServiceName, type RpcStatus } from '@meshid/rpc'
import { Counter, Histogram, type Registry } from 'prom-client'

/** In seconds. Linkerd's 0.1, 1, 300 and 3600 tell nothing of calls that take milliseconds (Q33). */
const CALL_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const labels = { grpc_type: 'unary', grpc_service: identityServiceName, grpc_method: 'Certify' } as const
const labelNames = ['grpc_type', 'grpc_service', 'grpc_method']

/** Counts the calls of Certify, by the names and labels of go-grpc-prometheus. */
export function countCalls(registry: Registry): CallObserver {
  const counter = (name: string, help: string, more: readonly string[] = []): Counter =>
    new Counter({ name, help, labelNames: [...labelNames, ...more], registers: [registry] })
  const started = counter('grpc_server_started_total', 'Total number of RPCs started on the server.')
  const handled = counter(
    'grpc_server_handled_total',
    'Total number of RPCs completed on the server, regardless of success or failure.',
    ['grpc_code'],
  )
  const received = counter('grpc_server_msg_received_total', 'Total number of RPC stream messages received.')
  const sent = counter('grpc_server_msg_sent_total', 'Total number of gRPC stream messages sent by the server.')
  const seconds = new Histogram({
    name: 'grpc_server_handling_seconds',
    help: 'Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.',
    labelNames,
    buckets: CALL_BUCKETS,
    registers: [registry],
  })
  for (const each of [started, received, sent]) each.inc(labels, 0)
  handled.inc({ ...labels, grpc_code: 'OK' }, 0)
  seconds.zero(labels)
  return {
    started(path) {
      if (isCertify(path)) started.inc(labels)
    },
    ended({ path, status, durationMs, messages }) {
      if (!isCertify(path)) return
      handled.inc({ ...labels, grpc_code: goCode(status) })
      received.inc(labels, messages.received)
      sent.inc(labels, messages.sent)
      seconds.observe(labels, durationMs / 1000)
    },
  }
}

const isCertify = (path: string): boolean => path === identityServiceDefinition.certify.path

/** A status as Go spells it: `FailedPrecondition`, and `Canceled` with one l. */
function goCode(status: RpcStatus | 'OK'): string {
  if (status === 'OK') return 'OK'
  if (status === 'CANCELLED') return 'Canceled'
  return status.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
