import { type AsyncCsrMemory, createCsrMemory } from '@meshid/csr'
import { type Logger, stopped } from '@meshid/example-operations'
import type { IssuerHolder } from '@meshid/identity'
import { nodeSha256Hex } from '@meshid/keys/node'
import { readMount } from '@meshid/mounts'
import type { Clock } from '@meshid/refresh'
import { startAudit } from './audit/start-audit.ts'
import { logCalls } from './call-log.ts'
import { createCertify } from './certify.ts'
import { checkAccess } from './check-access.ts'
import { chooseCrypto } from './cores/choose-crypto.ts'
import { countCores } from './cores/count-cores.ts'
import { createIdentityEvents } from './events/identity-events.ts'
import type { Flags } from './flags.ts'
import { checkIssuerDirectory, followIssuer } from './follow-issuer.ts'
import { followTrustAnchors, TRUST_ROOTS_FILE } from './follow-trust-anchors.ts'
import { startGrpcServer } from './grpc-server.ts'
import { createKubernetesClient } from './kubernetes-client.ts'
import { issuerLoader } from './load-issuer.ts'
import type { Metrics } from './metrics/create-metrics.ts'
import type { ServerState } from './readiness.ts'
import { createReviewer } from './reviewer.ts'
import { selectProfile } from './select-profile.ts'
import { step } from './start-error.ts'
import { startTls } from './tls-start.ts'

/** What the steps share. */
export interface World {
  readonly log: Logger
  readonly stop: AbortSignal
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  readonly holder: IssuerHolder
  readonly state: ServerState
  readonly metrics: Metrics
}

/** The start in Linkerd's order (section 3.3 of its behaviour), the service, and the end. */
export async function serve(flags: Flags, world: World): Promise<void> {
  const { log, stop, clock, env, holder, state, metrics } = world
  const { reloads } = metrics
  await step('could not read identity trust anchors PEM', () => readMount(flags.trustRoots, [TRUST_ROOTS_FILE]))
  if (flags.identityScheme === '' || flags.identityTrustDomain === '') {
    return log.info('Identity disabled in control plane configuration.')
  }
  const profile = await step('Invalid trust domain', () => selectProfile(flags))
  const follow = { clock, log, pollIntervalMs: flags.pollInterval, signal: stop, reloads }
  const anchors = await step('Failed to read trust anchors', () => followTrustAnchors(flags.trustRoots, follow))
  state.trustAnchors = anchors
  await step('Failed to start creds watcher', () => checkIssuerDirectory(flags.issuer))
  const api = await createKubernetesClient(flags, { env, log, metrics })
  const namespace = flags.controllerNamespace || api.namespace
  const events = createIdentityEvents({ ...follow, transport: api.events, counts: metrics.events, namespace, env })
  const loader = issuerLoader(flags, { anchors, clock })
  const issuer = await step('Failed to initialize identity service', async () => {
    await checkAccess(api.reviews, stop)
    return followIssuer(flags.issuer, { ...follow, holder, loader, observers: [events.issuer] })
  })
  anchors.onUpdate = () => void issuer.judgeAgain()
  const reviewer = createReviewer(flags, { api, clock, counts: metrics.reviews, log })
  const audit = await step('Failed to open the audit log', () => startAudit(flags.auditLog, { clock, log, metrics }))
  const observers = [metrics.certify, events.certify]
  const csrMemory = createVerifyingMemory(flags, world)
  const deciding = { profile, reviewer, holder, csrMemory, clock, observers, log, logFormat: flags.logFormat, audit }
  const certify = createCertify(deciding)
  const server = await step(`Failed to listen on ${flags.addr.text}`, () =>
    startGrpcServer(flags.addr, { ...flags, certify, observers: [metrics.calls, logCalls(log)], log }),
  )
  await startTls(flags, { ...world, injector: server.injector, profile, namespace, anchors })
  state.phase = 'serving'
  await stopped(stop)
  state.phase = 'shutting down'
  await server.drain()
  await Promise.all([events.close(), audit.close()])
  api.close()
}

/** The memory of CSRs, with the verifier that the cores of this machine call for. */
function createVerifyingMemory(flags: Flags, { log, metrics }: World): AsyncCsrMemory {
  const { verifier, text } = chooseCrypto({
    cores: flags.cores,
    count: countCores,
    onLost: ({ message }) => log.warn(`A thread that verifies is lost, the event loop does its work: ${message}`),
  })
  log[flags.logFormat === 'json' ? 'info' : 'trace'](text)
  const memory = createCsrMemory({ verifier, digest: nodeSha256Hex })
  metrics.csrs.follow(memory)
  return memory
}
