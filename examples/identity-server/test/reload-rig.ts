import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCertificate, verifyChain } from '@meshid/certificate'
import { createLogger } from '@meshid/example-operations'
import { createIssuerHolder, type IssuerHolder } from '@meshid/identity'
import { createNodeSigner, generateNodePrivateKey, nodeVerifier } from '@meshid/keys/node'
import { type WatchDirectory, watchDirectory } from '@meshid/mounts'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { createKubernetesVolume, createPlainMount, createTestClock, type VolumeFiles } from '@meshid/testkit'
import { followIssuer } from '../src/follow-issuer.ts'
import { followTrustAnchors, type FollowedTrustAnchors } from '../src/follow-trust-anchors.ts'
import { issuerLoader } from '../src/load-issuer.ts'

/** What a poll waits for: the promise of the issue is that nothing is later than this. */
export const POLL_INTERVAL_MS = 10_000

/** Real time, for a machine that is busy; nothing here takes a tenth of a second. */
const DEADLINE_MS = 10_000

/** An issuer's pair, and the root above it. */
export interface Pair {
  readonly name: string
  readonly root: string
  readonly certificate: string
  readonly key: string
}

/** What happened, over all interleavings. */
export class Tally {
  readonly counts = new Map<string, number>()

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  toString(): string {
    return [...this.counts].map(([what, count]) => `${what}: ${count}`).join(', ')
  }
}

/** A directory of either kind. */
export interface Mount {
  readonly path: string
  /** Swaps in exactly these files, or overwrites them one after the other. */
  readonly update: (files: VolumeFiles) => Promise<void>
  /** Overwrites one file half; undefined where writes are whole. */
  readonly tear: ((name: string, content: string) => Promise<() => Promise<void>>) | undefined
}

/** Makes a mount that the kubelet keeps, or one of plain files. */
export async function createMount(path: string, files: VolumeFiles, kind: 'kubelet' | 'plain'): Promise<Mount> {
  if (kind === 'kubelet') return { ...(await createKubernetesVolume(path, files)), tear: undefined }
  const { update, updateTorn } = await createPlainMount(path, files)
  const replace = async (next: VolumeFiles): Promise<void> => {
    for (const name of ['crt.pem', 'key.pem', 'tls.crt', 'tls.key', 'ca-bundle.crt']) {
      if (!(name in next)) await rm(join(path, name), { force: true })
    }
    await update(next)
  }
  return { path, update: replace, tear: (name, content) => updateTorn(name, content, Math.floor(content.length / 2)) }
}

/** The reloading half of the server, as `serve` wires it, in this process. */
export interface ReloadRig extends AsyncDisposable {
  readonly holder: IssuerHolder
  readonly anchors: FollowedTrustAnchors
  /** The name of the issuer in use. */
  readonly live: () => string | undefined
  /** Lets one poll interval pass, and waits until the issuer of this name is in use; no second poll helps it. */
  readonly pollUntil: (name: string) => Promise<void>
  /** Lets one poll interval pass. */
  readonly poll: () => Promise<void>
}

export interface ReloadRigOptions {
  readonly folder: string
  readonly issuer: Mount
  readonly trustRoots: Mount
  /** Whether the next event of the platform gets lost. */
  readonly drops: () => boolean
  readonly tally: Tally
  readonly now: Date
}

/** Starts to follow both mounts. Every issuer that goes live is tried at once, and a wrong one is thrown at the end. */
export async function createReloadRig(options: ReloadRigOptions): Promise<ReloadRig> {
  const { issuer: issuerMount, trustRoots, tally, now } = options
  const clock = createTestClock(now)
  const stop = new AbortController()
  const log = createLogger({ level: 'info', write: () => {} })
  const checks: Promise<void>[] = []
  const waiting = new Set<() => void>()
  const holder = createIssuerHolder()
  const watched: IssuerHolder = {
    ...holder,
    get current() {
      return holder.current
    },
    replace(next, at) {
      holder.replace(next, at)
      tally.add('issuers taken')
      checks.push(checkLive(next, anchors))
      for (const look of waiting) look()
    },
  }
  const follow = {
    clock,
    log,
    pollIntervalMs: POLL_INTERVAL_MS,
    signal: stop.signal,
    observers: [],
    watchDirectory: lossy(options),
    reloads: (source: string, outcome: string) => tally.add(`${source} ${outcome}`),
  }
  const anchors = await followTrustAnchors(trustRoots.path, follow)
  const flags = { identityScheme: 'linkerd.io/tls', identityIssuanceLifetime: 3_600_000, identityClockSkewAllowance: 0 }
  const loader = issuerLoader(flags, { anchors, clock })
  const issuer = await followIssuer(issuerMount.path, { ...follow, loader, holder: watched })
  const judging = new Set<Promise<void>>()
  anchors.onUpdate = () => {
    const judged = issuer.judgeAgain().finally(() => judging.delete(judged))
    judging.add(judged)
  }
  const live = (): string | undefined => holder.current?.certificate.subject.commonName
  const poll = (): Promise<void> => clock.advance(POLL_INTERVAL_MS)
  return {
    holder,
    anchors,
    live,
    poll,
    async pollUntil(name) {
      await poll()
      await until(
        () => live() === name,
        waiting,
        () => `expected ${name} to be live, found ${live()}`,
      )
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(judging)
      await Promise.all(checks)
    },
  }
}

/** A leaf of it must lead to the anchors in use: then key, certificate and bundle belong together. */
async function checkLive(issuer: NonNullable<IssuerHolder['current']>, anchors: FollowedTrustAnchors): Promise<void> {
  const trustAnchors = anchors.current
  const now = new Date(issuer.certificate.notBefore.getTime() + 60_000)
  const identity = { spiffeId: parseSpiffeId('spiffe://cluster.local/ns/emojivoto/sa/web') }
  const { der } = await issuer.issue({ identity, key: leafKey, now })
  const chain = [parseCertificate(der), ...issuer.chain.map((each) => parseCertificate(each))]
  verifyChain({ chain, trustAnchors, now, purpose: 'leaf-client' }, { verifier: nodeVerifier })
}

const leafKey = createNodeSigner(generateNodePrivateKey('P-256')).key

/** The platform's own watch, of whose events some get lost. */
function lossy({ drops, tally }: ReloadRigOptions): WatchDirectory {
  return (directory, listener) =>
    watchDirectory(directory, {
      failed: listener.failed,
      changed() {
        if (drops()) return tally.add('events dropped')
        tally.add('events delivered')
        listener.changed()
      },
    })
}

function until(isDone: () => boolean, waiting: Set<() => void>, otherwise: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(look)
      reject(new Error(otherwise()))
    }, DEADLINE_MS)
    const look = (): void => {
      if (!isDone()) return
      clearTimeout(timer)
      waiting.delete(look)
      resolve()
    }
    waiting.add(look)
    look()
  })
}

/** A fresh folder for the next interleaving. */
export async function nextFolder(root: string, index: number): Promise<string> {
  const folder = join(root, String(index))
  await mkdir(folder)
  return folder
}
