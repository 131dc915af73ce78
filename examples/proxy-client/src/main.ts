import { createTrustAnchors, parseCertificates } from '@meshid/certificate'
import { createLogger, formatAddress, startAdminServer, stopSignal } from '@meshid/example-operations'
import { systemClock } from '@meshid/refresh'
import { openEndEntityDirectory, startCertifyLoop } from '@meshid/workload'
import { createCertificationReport } from './certification-report.ts'
import { certifyOverGrpc, scheduleOf } from './certify.ts'
import { type Environment, readEnvironment, trustDomainOfName } from './environment.ts'
import { type Listener, startInbound } from './inbound.ts'
import { createMetrics } from './metrics.ts'
import { startOutbound } from './outbound.ts'
import { createPeerReport, describeError } from './peer-report.ts'
import { readinessOf } from './readiness.ts'

/** How long open connections may finish after a stop signal. */
const DRAIN_MS = 5000

const signal = stopSignal()
const fallbackLog = createLogger({ format: process.env['LINKERD2_PROXY_LOG_FORMAT'] ?? 'plain' })

async function run(environment: Environment): Promise<void> {
  const log = createLogger({ level: environment.logLevel, format: environment.logFormat })
  const metrics = createMetrics()
  const trustAnchors = createTrustAnchors(parseCertificates(environment.trustAnchorsPem))
  const { certify, client } = certifyOverGrpc(environment.identityService)
  await using loop = await startCertifyLoop({
    name: environment.name,
    directory: await openEndEntityDirectory(environment.directory),
    tokenFile: environment.tokenFile,
    trustAnchors,
    certify,
    clock: systemClock,
    random: Math.random,
    schedule: scheduleOf(environment),
    observer: createCertificationReport(log, metrics),
  })
  log.info({ ...loop.keyMaterial.origin }, 'Key and CSR')
  const readiness = () => readinessOf(loop.status())
  const admin = await startAdminServer({ address: environment.admin, readiness, metrics: metrics.registry })
  log.info({ direction: 'admin', address: formatAddress({ ...environment.admin, port: admin.port }) }, 'listening')
  log.info('Waiting for identity to be initialized...')
  const listeners: Listener[] = []
  try {
    await loop.ready(signal)
    const trustDomain = trustDomainOfName(environment.name)
    if (trustDomain) {
      const trust = { trustDomain, trustAnchors, now: () => systemClock.now() }
      const shared = { source: loop.source, trust, report: createPeerReport(log, metrics) }
      if (environment.inbound) listeners.push(await startInbound(environment.inbound, shared))
      if (environment.outbound) listeners.push(await startOutbound(environment.outbound, shared))
    }
    for (const { port } of listeners) log.info({ address: `port ${port}` }, 'listening')
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  } finally {
    log.info(`shutting down on ${String(signal.reason)}`)
    await Promise.all(listeners.map((listener) => listener.drain(DRAIN_MS)))
    client.close()
    await admin.close()
  }
}

try {
  await run(readEnvironment(process.env))
} catch (error) {
  if (!signal.aborted) {
    fallbackLog.fatal(describeError(error), `could not start the proxy: ${describeError(error).reason}`)
    process.exitCode = 1
  }
}
