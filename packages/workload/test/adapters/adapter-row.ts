import type { SecureContextOptions, Server } from 'node:tls'
import type { CredentialSource, MtlsEndOptions, PeerTrust } from '@meshid/workload'

/** A server that tells each caller who it is. */
export interface RunningServer {
  readonly port: number
  /** What a program that meddles has in its hands. */
  readonly server: Server
  close(): Promise<void>
}

/** A client that asks a server who it is itself, over connections that it keeps as its adapter does. */
export interface WhoAmIClient {
  /** The answer, and who the server was where the adapter shows it. */
  ask(): Promise<string>
  /** How many questions crossed a GOAWAY, were refused unseen and sent again, where the adapter leaves that to its caller. */
  readonly resent?: number
  close(): Promise<void>
}

export interface ClientOptions {
  readonly port: number
  readonly source: CredentialSource
  readonly trust: PeerTrust
}

/** One adapter in the tables of tests: both of its ends, and what a program without this library sees of it. */
export interface AdapterRow {
  readonly name: string
  /** What its peers agree on. */
  readonly alpnProtocols: readonly string[] | undefined
  startServer(options: MtlsEndOptions): Promise<RunningServer>
  createClient(options: ClientOptions): WhoAmIClient
  /** Asks with any TLS identity and without our library; gives the answer, or the code of the error that it sees. */
  askForeign(port: number, identity: SecureContextOptions): Promise<string>
}

/** The code of an error, or its deepest cause's, as a log would show it. */
export function seenCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? error.message : seenCode(error.cause)
}
