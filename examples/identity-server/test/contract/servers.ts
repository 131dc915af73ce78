import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createIssuer, type IssuedCertificate, type Issuer, type IssueRequest } from '@meshid/certificate'
import { createCsrMemory } from '@meshid/csr'
import { createLogger } from '@meshid/example-operations'
import { createIssuerHolder, type IssuerHolder, linkerdProfile } from '@meshid/identity'
import { createNodeSigner, nodeVerifier } from '@meshid/keys/node'
import { systemClock } from '@meshid/refresh'
import {
  type CertifyRequest,
  type CertifyResponse,
  createIdentityClient,
  createIdentityService,
  createRpcServer,
  listenServer,
} from '@meshid/rpc'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { createKubernetesReviewer, createRateLimitedTransport } from '@meshid/token-review'
import { createClusterTransport } from '@meshid/token-review/node'
import { createCertify } from '../../src/certify.ts'
import { followLog, type LogLines } from '../log-lines.ts'
import { environmentOf, flagsFor, type ProgramProcess, startProcess } from '../server-process.ts'
import type { World } from '../world.ts'
import type { Place } from './row.ts'

/** Whatever answers a row. */
export interface ContractServer extends AsyncDisposable {
  readonly log: LogLines
  certify(request: CertifyRequest): Promise<CertifyResponse>
}

/** The server as a process of its own, with a clock that can be moved. */
export interface ServerWithClock extends ContractServer {
  readonly process: ProgramProcess
  /** Sets the clock twenty years ahead, past the end of the issuer, or back. */
  moveClock(to: 'ahead' | 'right'): Promise<void>
}

const client = (port: number) => createIdentityClient({ address: `127.0.0.1:${port}`, credentials: 'plaintext' })

/** Starts the server with Linkerd's profile, asking the API server about every token, as Linkerd does. */
export async function startServerWithClock(world: World, args: readonly string[] = []): Promise<ServerWithClock> {
  const clock = new URL('./movable-clock.ts', import.meta.url)
  const direct = ['-profile=linkerd', '-token-precheck=false', '-token-cache-ttl=0s']
  const environment = { ...environmentOf(world), NODE_OPTIONS: `--import=${clock.href}` }
  const program = startProcess([...flagsFor(world), ...direct, ...args], environment)
  const died = program.ended.then((code) => {
    throw new Error(`the server ended with ${code}:\n${program.log.texts.join('\n')}`)
  })
  died.catch(() => {})
  const { msg } = await Promise.race([program.log.next(/^starting gRPC server on /), died])
  const connection = client(Number(/:(\d+)$/.exec(msg)?.[1]))
  let clockIs: 'ahead' | 'right' = 'right'
  return {
    process: program,
    log: program.log,
    certify: (request) => connection.certify(request),
    async moveClock(to) {
      if (to === clockIs) return
      const from = program.log.length
      program.signal('SIGUSR2')
      await program.log.next(new RegExp(`^the clock is ${to}$`), { from })
      clockIs = to
    },
    async [Symbol.asyncDispose]() {
      connection.close()
      await program[Symbol.asyncDispose]()
    },
  }
}

/** The same parts in this process, brought into a state that no process gets into. */
interface PartsOptions {
  readonly issuer: Issuer | undefined
  /** Of the client of the API server: this many requests at once, then none for a long time and no queue. */
  readonly burst?: number
}

/** A server of parts, and its issuer. */
export interface ContractParts extends ContractServer {
  readonly holder: IssuerHolder
}

async function startParts(world: World, { issuer, burst = 100 }: PartsOptions): Promise<ContractParts> {
  const [host, folder] = ['127.0.0.1', world.serviceAccount.path]
  const files = { caFile: join(folder, 'ca.crt'), tokenFile: join(folder, 'token') }
  const cluster = createClusterTransport({ host: world.api.host, port: world.api.port, ...files })
  const transport = createRateLimitedTransport(cluster, { qps: 0.01, burst, maxQueue: 0, clock: systemClock })
  const holder = createIssuerHolder()
  if (issuer !== undefined) holder.replace(issuer, new Date())
  const output = new PassThrough()
  const write = (line: string): void => void output.write(line)
  const mesh = { controlNamespace: 'linkerd', trustDomain: parseTrustDomain('cluster.local') }
  const certify = createCertify({
    profile: linkerdProfile(mesh),
    reviewer: createKubernetesReviewer({ transport }),
    holder,
    csrMemory: createCsrMemory({ verifier: nodeVerifier }),
    clock: systemClock,
    log: createLogger({ level: 'debug', format: 'json', write }),
    observers: [],
  })
  const server = createRpcServer({ services: [createIdentityService({ certify })] })
  const connection = client(await listenServer(server, { address: `${host}:0`, credentials: 'plaintext' }))
  return {
    holder,
    log: followLog(output),
    certify: (request) => connection.certify(request),
    async [Symbol.asyncDispose]() {
      connection.close()
      server.forceShutdown()
      cluster[Symbol.dispose]()
      output.end()
    },
  }
}

/** An issuer whose signer works for the trial, and never again. */
async function issuerThatFails({ ca }: World): Promise<Issuer> {
  const signer = createNodeSigner(ca.issuerKey)
  let trials = 1
  const failing = {
    ...signer,
    sign: (message: Uint8Array) => {
      if (trials-- > 0) return signer.sign(message)
      throw new Error('HSM: session 0x2f was closed')
    },
  }
  const source = { chain: [ca.issuer.certificate], signer: failing, trustAnchors: ca.trustAnchors, now: new Date() }
  return createIssuer(source, { verifier: nodeVerifier })
}

/** The same certificate, but its bytes are gone. */
const withoutBytes = (issued: IssuedCertificate): IssuedCertificate =>
  new Proxy(issued, { get: (target, name) => (name === 'der' ? new Uint8Array() : Reflect.get(target, name, target)) })

function issuerWithoutBytes({ ca: { issuer } }: World): Issuer {
  const { certificate, chain, notAfter } = issuer
  const issue = async (request: IssueRequest) => withoutBytes(await issuer.issue(request))
  return { certificate, chain, notAfter, issue }
}

type PartsPlace = Extract<Place, `parts ${string}`>

/** What the parts of each place are. */
const parts: Readonly<Record<PartsPlace, (world: World) => PartsOptions | Promise<PartsOptions>>> = {
  'parts without an issuer': () => ({ issuer: undefined }),
  'parts with a signer that fails': async (world) => ({ issuer: await issuerThatFails(world) }),
  'parts with an issuer without bytes': (world) => ({ issuer: issuerWithoutBytes(world) }),
  'parts with a full queue': ({ ca: { issuer } }) => ({ issuer, burst: 1 }),
}

/** Whether a place is one of the parts. */
export const isOfParts = (place: Place): place is PartsPlace => Object.hasOwn(parts, place)

/** Starts the parts for a place. */
export async function startPartsFor(place: PartsPlace, world: World): Promise<ContractParts> {
  return startParts(world, await parts[place](world))
}
