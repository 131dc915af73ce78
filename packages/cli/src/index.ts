export { CliError, cliErrorCodes, type CliErrorCode, type CliErrorDetail, type CliErrorOptions } from './errors.ts'
export type { CliIo } from './io.ts'
export { createProcessIo, type HostProcess } from './process-io.ts'
export { createProgram, type ExitCode, type Program } from './program.ts'
