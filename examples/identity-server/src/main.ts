import { createLogger, type Logger, stopped, stopSignal } from '@meshid/example-operations'
import { createIssuerHolder, type IssuerHolder } from '@meshid/identity'
import { systemClock as clock } from '@meshid/refresh'
import { checkTokenReviewAccess } from '@meshid/token-review'
import { startAdmin } from './admin.ts'
import { logCalls } from './call-log.ts'
import { createCertify } from './certify.ts'
import { codeOf } from './coded-text.ts'
import { type Flags, parseFlags } from './flags.ts'
import { followIssuer } from './follow-issuer.ts'
import { followTrustAnchors } from './follow-trust-anchors.ts'
import { startGrpcServer } from './grpc-server.ts'
import { createKubernetesClient } from './kubernetes-client.ts'
import { issuerLoader } from './load-issuer.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { ServerState } from './readiness.ts'
import { selectProfile } from './select-profile.ts'
import { step } from './start-error.ts'
import { version } from './version.ts'

/** What the steps share. */
interface World {
  readonly log: Logger
  readonly stop: AbortSignal
  readonly holder: IssuerHolder
  readonly state: ServerState
  readonly metrics: Metrics
}

const outcome = parseFlags(process.argv.slice(2))
if (outcome.kind === 'run') {
  await main(outcome.flags)
} else {
  const stream = outcome.code === 0 ? process.stdout : process.stderr
  stream.write(outcome.text)
  process.exitCode = outcome.code
}

/** From the first line of the log to the exit status: 0 when stopped or disabled, 1 when it cannot start. */
async function main(flags: Flags): Promise<void> {
  const log = createLogger({ level: flags.logLevel, format: flags.logFormat })
  const stop = stopSignal()
  log.info(`running version ${version}`)
  const holder = createIssuerHolder()
  const state = new ServerState(holder, clock)
  const metrics = createMetrics({ issuer: holder, clock })
  const readiness = () => state.readiness()
  const admin = await startAdmin(flags.adminAddr, { readiness, metrics: metrics.registry, log })
  try {
    await serve(flags, { log, stop, holder, state, metrics })
  } catch (error) {
    if (!stop.aborted) log.fatal({ code: codeOf(error) }, error instanceof Error ? error.message : String(error))
    process.exitCode = stop.aborted ? 0 : 1
  }
  await admin.close()
  process.exit()
}

/** The start in Linkerd's order, the service, and the end. */
async function serve(flags: Flags, { log, stop, holder, state, metrics }: World): Promise<void> {
  if (flags.identityScheme === '' || flags.identityTrustDomain === '') {
    return log.info('Identity disabled in control plane configuration.')
  }
  const follow = { clock, log, pollIntervalMs: flags.pollInterval, signal: stop }
  const profile = await step('Invalid trust domain', () => selectProfile(flags))
  const anchors = await step('Failed to read trust anchors', () => followTrustAnchors(flags.trustRoots, follow))
  state.trustAnchors = anchors
  const kubernetes = await step('Error configuring Kubernetes API client', () =>
    createKubernetesClient(flags, { env: process.env, log }),
  )
  const issuer = await step('Failed to initialize identity service', async () => {
    await checkTokenReviewAccess(kubernetes.transport, { signal: stop })
    return followIssuer(flags.issuer, { ...follow, holder, loader: issuerLoader(flags, { anchors, clock }) })
  })
  anchors.onUpdate = () => void issuer.judgeAgain()
  const certify = createCertify({
    profile,
    transport: kubernetes.transport,
    holder,
    clock,
    observers: [metrics.certify],
    log,
  })
  const server = await step(`Failed to listen on ${flags.addr.text}`, () =>
    startGrpcServer(flags.addr, { certify, observers: [metrics.calls, logCalls(log)], log }),
  )
  state.phase = 'serving'
  await stopped(stop)
  state.phase = 'shutting down'
  await server.drain()
  kubernetes.close()
}
