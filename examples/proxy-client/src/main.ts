import {
  createLogger,
  formatAddress,
  type Logger,
  startAdminServer,
  stopped,
  stopSignal,
} from '@meshid/example-operations'
import { systemClock } from '@meshid/refresh'
import { type CertifyLoop, openEndEntityDirectory, startCertifyLoop } from '@meshid/workload'
import { createCertificationReport } from './certification-report.ts'
import { certifyOverGrpc, retryAfterMsOf, scheduleOf } from './certify.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { startInbound } from './inbound.ts'
import type { Listener, Mesh } from './listener.ts'
import { createMetrics } from './metrics.ts'
import { startOutbound } from './outbound.ts'
import { createPeerReport, describeError } from './peer-report.ts'
import { readinessOf } from './readiness.ts'
import { certifyForNewAnchors, openTrustAnchors } from './trust.ts'

/** How long open connections may finish after a stop signal. */
const DRAIN_MS = 5000

const signal = stopSignal()
const now = (): Date => systemClock.now()

/** Until the stop signal: certifies itself, and serves while it has a certificate. */
async function run(environment: Environment): Promise<void> {
  const log = createLogger({ level: environment.logLevel, format: environment.logFormat })
  const metrics = createMetrics()
  const running: { loop?: CertifyLoop } = {}
  const onAdopted = (): void => {
    if (running.loop) certifyForNewAnchors(running.loop, trustAnchors)
  }
  await using trustAnchors = await openTrustAnchors(environment, { log, onAdopted })
  await using loop = await startCertifyLoop({
    name: environment.name,
    directory: await openEndEntityDirectory(environment.directory),
    tokenFile: environment.tokenFile,
    trustAnchors,
    certify: certifyOverGrpc(environment.identityService, { trustAnchors, now }),
    rekey: environment.rekey,
    clock: systemClock,
    random: Math.random,
    schedule: scheduleOf(environment),
    retryAfterMsOf,
    observer: createCertificationReport(log, metrics),
  })
  running.loop = loop
  log.info({ ...loop.keyMaterial.origin }, 'Key and CSR')
  const readiness = () => readinessOf(loop.status(), { isStopping: signal.aborted })
  const admin = await startAdminServer({ address: environment.admin, readiness, metrics: metrics.registry })
  logListening(log, { direction: 'admin', address: { ...environment.admin, port: admin.port } })
  try {
    log.info('Waiting for identity to be initialized...')
    const mesh = { source: loop.source, trust: { trustAnchors, now }, report: createPeerReport(log, metrics) }
    await serve(environment, { loop, mesh, log })
  } finally {
    await admin.close()
  }
}

/** Listens from the first certificate on, until the stop signal; then lets open connections finish. */
async function serve(
  { inbound, outbound }: Environment,
  { loop, mesh, log }: { loop: CertifyLoop; mesh: Mesh; log: Logger },
): Promise<void> {
  const listeners: Listener[] = []
  try {
    await loop.ready(signal)
    if (inbound) listeners.push(await startInbound(inbound, mesh))
    if (outbound) listeners.push(await startOutbound(outbound, mesh))
    for (const listener of listeners) logListening(log, listener)
    await stopped(signal)
  } finally {
    if (signal.aborted) log.info(`shutting down on ${String(signal.reason)}`)
    await Promise.all(listeners.map((listener) => listener.drain(DRAIN_MS)))
  }
}

function logListening(log: Logger, { address, direction }: Pick<Listener, 'address'> & { direction: string }): void {
  log.info({ direction, address: formatAddress(address) }, 'listening')
}

try {
  await run(readEnvironment(process.env))
} catch (error) {
  if (!signal.aborted || error !== signal.reason) {
    const log = createLogger({ format: process.env['LINKERD2_PROXY_LOG_FORMAT'] ?? 'plain' })
    log.fatal(describeError(error), `could not start the proxy: ${describeError(error).reason}`)
    process.exitCode = 1
  }
}
