import { createLogger, stopSignal } from '@meshid/example-operations'
import { createIssuerHolder } from '@meshid/identity'
import { systemClock as clock } from '@meshid/refresh'
import { startAdmin } from './admin.ts'
import { codeOf } from './coded-text.ts'
import { type Flags, parseFlags } from './flags.ts'
import { createMetrics } from './metrics/create-metrics.ts'
import { ServerState } from './readiness.ts'
import { serve } from './serve.ts'
import { version } from './version.ts'

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
  const metrics = createMetrics(
    { issuer: () => holder.current, trustAnchors: () => state.trustAnchors?.current },
    clock,
  )
  const admin = await startAdmin(flags, { readiness: () => state.readiness(), metrics: metrics.registry, log })
  try {
    await serve(flags, { log, stop, clock, env: process.env, holder, state, metrics })
  } catch (error) {
    if (!stop.aborted) log.fatal({ code: codeOf(error) }, error instanceof Error ? error.message : String(error))
    process.exitCode = stop.aborted ? 0 : 1
  }
  await admin.close()
  process.exit()
}
