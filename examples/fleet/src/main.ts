import { stopSignal } from '@meshid/example-operations'
import { Command } from 'commander'
import { addAll } from './commands/all.ts'
import { addConnections } from './commands/connections.ts'
import { addGrowth } from './commands/growth.ts'
import { addModel } from './commands/model.ts'
import { addRolling } from './commands/rolling.ts'
import { addSoak } from './commands/soak.ts'
import { addSteady } from './commands/steady.ts'
import { addStorm } from './commands/storm.ts'

const signal = stopSignal()
const program = new Command('fleet')
  .description('A fleet of simulated proxies against a real identity server, and a model of millions.')
  .configureHelp({ showGlobalOptions: true })
for (const add of [addStorm, addRolling, addSteady, addConnections, addSoak, addGrowth, addAll, addModel])
  add(program, signal)
for (const command of program.commands) command.showHelpAfterError('(--help lists the options)')

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1
  if (!signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}
process.exit()
