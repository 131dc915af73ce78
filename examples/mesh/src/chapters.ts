import { fingerprint } from '@meshid/certificate'
import { type Authority, createAuthority, type KeyPair } from './certificates.ts'
import type { Mesh } from './mesh.ts'
import { voting, web } from './pods.ts'
import { here } from './ports.ts'
import type { Process } from './process.ts'
import { until } from './scenario.ts'
import type { Timeline } from './timeline.ts'

/** How long a step before the traffic may take, in milliseconds. */
const PATIENCE_MS = 30_000

/** What every chapter needs. */
export interface Telling {
  readonly timeline: Timeline
  readonly signal: AbortSignal
}

const day = (date: Date): string => date.toISOString().slice(0, 10)

/** Chapter 3: a root that signs issuers and nothing else, and a first issuer below it. */
export async function createPair({ timeline }: Telling): Promise<{ authority: Authority; issuer: KeyPair }> {
  timeline.chapter(3, 'Creating the CA pair')
  const authority = await createAuthority(new Date())
  timeline.event('operator', `trust anchor root.linkerd.cluster.local, until ${day(authority.root.notAfter)}`)
  const issuer = await authority.newIssuer('identity.linkerd.cluster.local')
  const end = day(issuer.certificate.notAfter)
  timeline.event('operator', `issuer identity.linkerd.cluster.local, signed by it, until ${end}`)
  return { authority, issuer }
}

/** Chapters 4 and 5: the files are there; the identity server starts from them. */
export async function install(mesh: Mesh, authority: Authority, { timeline, signal }: Telling): Promise<Process> {
  const server = mesh.startServer()
  await until(() => mesh.serving, 'an identity server that serves', { timeoutMs: PATIENCE_MS, signal, mesh })
  timeline.event('identity', `gRPC Certify on ${here(mesh.ports.grpc)}, admin on ${here(mesh.ports.admin)}`)
  timeline.chapter(5, 'The trust anchor: public, the last word of trust; its private key stays with the operator')
  timeline.event('kubelet', `ConfigMap linkerd-identity-trust-roots: SHA-256 ${fingerprint(authority.root)}`)
  return server
}

/** Chapters 6 and 7: the pods make keys and CSRs, prove who they are, and are certified. */
export async function startPods(mesh: Mesh, { timeline, signal }: Telling): Promise<void> {
  const options = { timeoutMs: PATIENCE_MS, signal, mesh }
  timeline.chapter(6, 'Two pods start')
  mesh.startProxy(voting)
  mesh.startProxy(web)
  await until(() => mesh.records.every(({ hasKey }) => hasKey), 'a key and a CSR of each proxy', options)
  timeline.chapter(7, 'The issuer: token reviewed, name built from the account, leaf signed')
  const certified = (): boolean => mesh.records.every(({ certificates }) => certificates.length > 0)
  await until(certified, 'a first certificate for each proxy', options)
}
