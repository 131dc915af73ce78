import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsr, verifyCsr } from '@meshid/csr'
import { nodeVerifier } from '@meshid/keys/node'
import { createTestCa, createTestClock, type TestCa, type TestClock } from '@meshid/testkit'
import {
  type Certify,
  type CertifyAnswer,
  type CertifyLoop,
  type CertifyLoopEvent,
  type CertifyLoopOptions,
  type CertifyQuestion,
  openEndEntityDirectory,
  parseWorkloadName,
  startCertifyLoop,
} from '@meshid/workload'
import { createQueue, type Queue } from './queue.ts'
import { now, web } from './world.ts'

export interface CertifyRig {
  readonly ca: TestCa
  readonly clock: TestClock
  readonly loop: CertifyLoop
  readonly events: Queue<CertifyLoopEvent>
  readonly questions: Queue<CertifyQuestion>
  readonly folder: string
  readonly tokenFile: string
  /** Waits for the next event of a type. */
  next<T extends CertifyLoopEvent['type']>(type: T): Promise<Extract<CertifyLoopEvent, { type: T }>>
}

export interface CertifyRigOptions extends Partial<CertifyLoopOptions> {
  readonly folder: string
  /** Instead of an honest identity service; gets the honest one to fall back on. */
  readonly service?: (honest: Certify) => Certify
  readonly lifetimeMs?: number
}

/** An identity service that looks at nothing but the CSR's signature. */
function honestService(ca: TestCa, clock: TestClock): Certify {
  return async ({ csr }): Promise<CertifyAnswer> => {
    const { key } = verifyCsr(parseCsr(csr), { verifier: nodeVerifier })
    const issued = await ca.issuer.issue({ identity: { spiffeId: web }, key, now: clock.now() })
    return { leaf: issued.der, intermediates: ca.issuer.chain, validUntil: issued.notAfter }
  }
}

/** A certify loop on a fake clock, over real files. */
export async function createCertifyRig({
  folder,
  service,
  lifetimeMs,
  ...options
}: CertifyRigOptions): Promise<CertifyRig> {
  const clock = createTestClock(now)
  const ca = await createTestCa({ now, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) })
  const events = createQueue<CertifyLoopEvent>()
  const questions = createQueue<CertifyQuestion>()
  const tokenFile = join(folder, 'token')
  await readFile(tokenFile).catch(() => writeFile(tokenFile, 'token-1'))
  const honest = honestService(ca, clock)
  const serve = service?.(honest) ?? honest
  const loop = await startCertifyLoop({
    name: parseWorkloadName(web.toString()),
    directory: await openEndEntityDirectory(folder),
    tokenFile,
    trustAnchors: ca.trustAnchors,
    certify: (question, call) => {
      questions.push(question)
      return serve(question, call)
    },
    clock,
    random: () => 0.5,
    observer: (event) => events.push(event),
    ...options,
  })
  const next: CertifyRig['next'] = async (type) =>
    (await events.next((event) => event.type === type)) as Extract<CertifyLoopEvent, { type: typeof type }>
  return { ca, clock, loop, events, questions, folder, tokenFile, next }
}
