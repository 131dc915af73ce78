import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type GoParty, partyArguments } from './party.ts'

/** What became of a connection, as go-spiffe saw it. */
export interface GoOutcome {
  /** The peer's SPIFFE ID; absent when the handshake failed. */
  readonly peer?: string
  /** What the peer sent. */
  readonly line?: string
  /** Why the connection failed, in Go's words. */
  readonly refused?: string
}

/** A running go-spiffe server. */
export interface GoServer extends AsyncDisposable {
  readonly port: number
  /** The outcome of the next connection, in the order in which they were accepted. */
  next(): Promise<GoOutcome>
}

/** Starts the server and waits for its port; disposing of it ends the process. */
export async function startGoServer(program: string, party: GoParty): Promise<GoServer> {
  const child = spawn(program, ['serve', ...partyArguments(party)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done === true) throw new Error('Go server: expected a line, found that it has ended')
    return JSON.parse(line.value)
  }
  const { port } = (await next()) as { readonly port: number }
  return {
    port,
    next: async () => (await next()) as GoOutcome,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await closed
    },
  }
}
