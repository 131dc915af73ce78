/** Each code of {@link CliError}: what it means and what to do next. docs/errors.md is generated from this table. */
export const cliErrorCodes = {
  // Wrong usage: exit status 2
  CLI_USAGE: 'The command line is not understood; `meshid help` and the --help of each command show what is.',
  CLI_DURATION_INVALID:
    'The text is no duration as Go writes it, or is negative or over 290 years; write 8760h, 1h30m or 90s.',
  CLI_INSTANT_INVALID:
    'The text is no instant; write 2026-05-21T12:00:00Z, or a day such as 2026-05-21 (midnight UTC).',
  CLI_PATHS_COLLIDE: 'A file would be written over an input or another output; name a different path for each.',

  // Refused input: exit status 1
  CLI_FILE_MISSING: 'There is no such file; check the path.',
  CLI_FILE_UNREADABLE: 'The file could not be read; check that it is a file and that this user may read it.',
  CLI_FILE_TOO_LARGE: 'The file is longer than anything of its kind; check that the right one was named.',
  CLI_FILE_EXISTS: 'The file is there already and stays as it is; choose another path, or add --force to replace it.',
  CLI_FILE_NOT_WRITABLE:
    'The file cannot be written there; check that its directory exists and that this user may write.',
  CLI_ID_UNRECOGNIZED:
    'The text is none of the kinds of names that fit here; check it for typing errors, a SPIFFE ID begins with "spiffe://".',
  CLI_VARIABLE_MISSING:
    'A variable of the environment is missing or empty, and so is the option in its place; set one of them.',
  CLI_INSTALL_ONE_TIER:
    'The issuer has the key of a trust anchor, so the root of all trust would lie in the cluster; create an issuer below the anchor with `meshid certificate create --profile intermediate-ca`, or add --allow-one-tier.',
  CLI_ANCHOR_OUT_OF_TIME:
    'A trust anchor has expired or is not valid yet; take it out of the bundle, renew it, or check the clock.',
} as const

/** The stable codes of {@link CliError}. */
export type CliErrorCode = keyof typeof cliErrorCodes

/** What was expected and found, and where; never the content of a file. */
export interface CliErrorDetail {
  readonly path?: string
  readonly expected?: string
  readonly found?: string
  /** In bytes. */
  readonly limit?: number
}

/** Options of a {@link CliError}. */
export interface CliErrorOptions {
  readonly detail?: CliErrorDetail
  readonly cause?: unknown
}

/** The command line, or a file that it names, is refused; `code` is stable. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly detail: CliErrorDetail

  constructor(code: CliErrorCode, message: string, options: CliErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.detail = Object.freeze({ ...options.detail })
  }
}
