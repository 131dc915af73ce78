import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { buildGoOracle } from './build.ts'
import { type GoParty, partyArguments } from './party.ts'
import { type GoOutcome, type GoServer, startGoServer } from './server.ts'

/** What Go is asked about: DER certificates, the chain leaf first, and the anchors of one trust domain. */
export interface GoQuestion {
  readonly chain: readonly Uint8Array[]
  readonly anchors: readonly Uint8Array[]
  /** In whole seconds. */
  readonly now: Date
  readonly purpose: 'client' | 'server'
  readonly trustDomain: string
}

/** The answer of one of Go's libraries. */
export interface GoVerdict {
  readonly accepted: boolean
  /** Why not; empty when it is accepted. */
  readonly message: string
}

/** The answers of both. */
export interface GoVerdicts {
  /** crypto/x509: `Certificate.Verify` with the key usage of the purpose; what cannot be parsed is refused, as in crypto/tls. */
  readonly x509: GoVerdict
  /** go-spiffe: `x509svid.ParseAndVerify` at the given time. It knows no purpose. */
  readonly spiffe: GoVerdict
}

/** Go's opinion of X.509-SVIDs, and go-spiffe as the other side of mTLS. */
export interface GoOracle {
  /** Of Go, such as `go1.26.8`; that of go-spiffe is in `go/go.mod`. */
  readonly version: string
  /** Asks for all in one process; the answers stand in the order of the questions. */
  judge(questions: readonly GoQuestion[]): Promise<readonly GoVerdicts[]>
  /** Starts a go-spiffe server that sends back one line of each connection. */
  serve(party: GoParty): Promise<GoServer>
  /** Connects with a go-spiffe client, sends a line and waits for one. */
  dial(address: string, party: GoParty): Promise<GoOutcome>
}

/** How long a run may take, in milliseconds: thousands of chains take seconds. */
const TIMEOUT_MS = 120_000

/** Compiles the oracle of `go/` if that was not done yet; undefined where there is no Go, after saying so. */
export async function createGoOracle(): Promise<GoOracle | undefined> {
  const program = await buildGoOracle()
  if (program === undefined) return undefined
  const { path, version } = program
  return Object.freeze({
    version,
    judge: (questions: readonly GoQuestion[]) => judge(path, questions),
    serve: (party: GoParty) => startGoServer(path, party),
    dial: (address: string, party: GoParty) => dial(path, address, party),
  })
}

async function judge(program: string, questions: readonly GoQuestion[]): Promise<readonly GoVerdicts[]> {
  const child = spawn(program, ['judge'], { timeout: TIMEOUT_MS, stdio: ['pipe', 'pipe', 'inherit'] })
  const verdicts: GoVerdicts[] = []
  const read = async (): Promise<void> => {
    for await (const line of createInterface({ input: child.stdout })) verdicts.push(JSON.parse(line) as GoVerdicts)
  }
  await Promise.all([pipeline(linesOf(questions), child.stdin), read(), once(child, 'close')])
  if (verdicts.length !== questions.length) {
    throw new Error(`Go oracle: expected ${questions.length} verdicts, found ${verdicts.length}`)
  }
  return verdicts
}

function* linesOf(questions: readonly GoQuestion[]): Generator<string> {
  const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
  for (const { chain, anchors, now, ...rest } of questions) {
    const question = { chain: chain.map(base64), anchors: anchors.map(base64), now: now.toISOString(), ...rest }
    yield `${JSON.stringify(question)}\n`
  }
}

async function dial(program: string, address: string, party: GoParty): Promise<GoOutcome> {
  const args = ['dial', '-address', address, ...partyArguments(party)]
  const child = spawn(program, args, { timeout: TIMEOUT_MS, stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(await text(child.stdout)) as GoOutcome
}
