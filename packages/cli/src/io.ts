/** The world of the command: where it prints, what time it is, and what surrounds it. Nothing else is found by itself. */
export interface CliIo {
  /** Prints what was asked for: whole lines for standard output. */
  out(text: string): void
  /** Prints notes and refusals: whole lines for standard error. */
  err(text: string): void
  /** Whether standard output is a screen that people may look at; `install` warns before it shows a private key there. */
  readonly outIsTerminal?: boolean | undefined
  /** The instant at which certificates are made and judged. */
  now(): Date
  /** Environment variables; `bootstrap` reads those that Linkerd's injector sets. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What is read where a file is named `-`. */
  readonly stdin: AsyncIterable<Uint8Array>
}
