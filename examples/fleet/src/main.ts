import { stopSignal } from '@meshid/example-operations'
import { Command } from 'commander'
import { addStorm } from './commands/storm.ts'

const signal = stopSignal()
const program = new Command('fleet')
  .description('A fleet of simulated proxies against a real identity server, and a model of millions.')
  .showHelpAfterError('(--help lists the options)')
addStorm(program, signal)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1
  if (!signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
}
process.exit()
