import { Command, CommanderError } from 'commander'
import { addBootstrap } from './commands/bootstrap.ts'
import { addCertificateCreate } from './commands/certificate-create.ts'
import { addCertificateExplain } from './commands/certificate-explain.ts'
import { addCertificateFingerprint } from './commands/certificate-fingerprint.ts'
import { addCertificateInspect } from './commands/certificate-inspect.ts'
import { addCertificateVerify } from './commands/certificate-verify.ts'
import { addCsrCreate } from './commands/csr-create.ts'
import { addCsrInspect } from './commands/csr-inspect.ts'
import { addIdInspect } from './commands/id-inspect.ts'
import { addInstall } from './commands/install.ts'
import { addKeyInspect } from './commands/key-inspect.ts'
import { CliError, type CliErrorCode } from './errors.ts'
import { explainError, formatExplanation } from './explain-error.ts'
import type { CliIo } from './io.ts'
import { ToldRefusal } from './told-refusal.ts'
import { VERSION } from './version.ts'

/** How a run ended: done; refused input or failed verification; wrong usage. */
export type ExitCode = 0 | 1 | 2

/** The `meshid` command. */
export interface Program {
  /**
   * Runs one command line, without the names of the interpreter and the program; refusals are printed, not thrown. Anything
   * that does throw is a fault of this program. Runs share nothing, but each reads standard input to its end.
   */
  run(args: readonly string[]): Promise<ExitCode>
}

/** Creates the `meshid` command around a world of its own, so that it runs in a terminal and inside tests alike. */
export function createProgram(io: CliIo): Program {
  return Object.freeze({
    async run(args: readonly string[]): Promise<ExitCode> {
      try {
        await createCommands(io).parseAsync(args, { from: 'user' })
        return 0
      } catch (error) {
        if (error instanceof CommanderError) return endOfCommander(error, io)
        if (error instanceof ToldRefusal) return 1
        return endOfRefusal(error, io)
      }
    },
  })
}

function createCommands(io: CliIo): Command {
  const program = new Command('meshid')
    .description(
      'Creates, inspects and verifies mesh identities: SPIFFE IDs, keys, requests and certificates; renders manifests.',
    )
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: () => {},
    })
    .addHelpText('after', '\nExit status: 0 done, 1 refused input or failed verification, 2 wrong usage.')
  const group = (name: string, description: string): Command => program.command(name).description(description)

  const certificate = group('certificate', 'certificates and chains of them')
  addCertificateCreate(certificate, io)
  addCertificateInspect(certificate, io)
  addCertificateVerify(certificate, io)
  addCertificateExplain(certificate, io)
  addCertificateFingerprint(certificate, io)
  addBootstrap(program, io)
  addInstall(program, io)
  addIdInspect(group('id', 'names of workloads'), io)
  addKeyInspect(group('key', 'private and public keys'), io)
  const csr = group('csr', 'certification requests (PKCS#10)')
  addCsrCreate(csr, io)
  addCsrInspect(csr, io)
  return program
}

/** Help and version were printed already; everything else is wrong usage. */
function endOfCommander({ code, exitCode, message }: CommanderError, io: CliIo): ExitCode {
  if (exitCode === 0) return 0
  if (code !== 'commander.help') {
    return endOfRefusal(new CliError('CLI_USAGE', message.replace(/^error: /, '').replaceAll('\n', ' ')), io)
  }
  return 2
}

function endOfRefusal(error: unknown, io: CliIo): ExitCode {
  const explanation = explainError(error)
  if (explanation === undefined) throw error
  io.err(formatExplanation(explanation))
  return usageCodes.includes(explanation.code) ? 2 : 1
}

const usageCodes: readonly string[] = [
  'CLI_USAGE',
  'CLI_DURATION_INVALID',
  'CLI_INSTANT_INVALID',
  'CLI_PATHS_COLLIDE',
] satisfies readonly CliErrorCode[]
