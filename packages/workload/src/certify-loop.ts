import { parseCertificate } from '@meshid/certificate'
import type { Verifier } from '@meshid/keys'
import {
  type Clock,
  createRefresher,
  type RefreshEvent,
  type Refresher,
  type RefreshSchedule,
  type RefreshStatus,
  type RetryOptions,
  spreadSchedule,
} from '@meshid/refresh'
import { type ClockSkew, probeClockSkew } from './clock-skew.ts'
import { createCredentialStore, type CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'
import type { EndEntityDirectory } from './end-entity-directory.ts'
import { type KeyMaterial, prepareKeyMaterial } from './key-material.ts'
import { createKeyRing, type KeyRing, type Rekey } from './key-ring.ts'
import { readToken } from './read-token.ts'
import { currentTrustAnchors, type TrustAnchorsOrSource } from './trust-anchor-source.ts'
import { type CertifyAnswer, verifyCredential } from './verify-credential.ts'
import { formatWorkloadName, type WorkloadName } from './workload-name.ts'

/** What is sent to the identity service. */
export interface CertifyQuestion {
  /** The own name as text. */
  readonly identity: string
  /** A secret; never print it. */
  readonly token: Uint8Array
  /** DER, PKCS#10. */
  readonly csr: Uint8Array
}

/** What goes with a question. */
export interface CertifyCall {
  /** The call must end when it aborts. */
  readonly signal: AbortSignal
  /** The own credentials so far, to be shown to the identity service if it asks; see `connectTls`. */
  readonly source: CredentialSource
}

/** Asks the identity service; usually a gRPC call. */
export type Certify = (question: CertifyQuestion, call: CertifyCall) => Promise<CertifyAnswer>

/** What happens in the loop; no event holds the credential or its key. */
export type CertifyLoopEvent =
  | RefreshEvent
  /** The leaf that was answered shows that the own clock and the issuer's differ; see `probeClockSkew`. */
  | ({ readonly type: 'clock-skew' } & ClockSkew)
  /** A listener of the source threw when it was told of a new credential, which is in use nevertheless. */
  | { readonly type: 'listener-failed'; readonly error: unknown }
  /** A new key is in use with its certificate, but could not be written to the directory; a restart makes another. */
  | { readonly type: 'key-not-written'; readonly error: unknown }

/** Options of {@link startCertifyLoop}. */
export interface CertifyLoopOptions {
  readonly name: WorkloadName
  readonly directory: EndEntityDirectory
  /** Path of the projected service-account token; read anew for each attempt. */
  readonly tokenFile: string
  /** Read anew for each answer when it is a source. */
  readonly trustAnchors: TrustAnchorsOrSource
  readonly certify: Certify
  /** When a new key is made; default `never`: the pod keeps the one that it started with. */
  readonly rekey?: Rekey
  readonly clock: Clock
  /** Uniform in [0, 1), usually `Math.random`; only spreads retries and fruitless renewals. */
  readonly random: () => number
  /** Default: `spreadSchedule` with the name as its seed. */
  readonly schedule?: RefreshSchedule
  readonly retry?: RetryOptions
  /** Reads from what `certify` threw how long to leave the identity service alone, in milliseconds. */
  readonly retryAfterMsOf?: (error: unknown) => number | undefined
  /** Deadline of one attempt. Default 30 s (`DEFAULT_RENEW_TIMEOUT_MS`). */
  readonly renewTimeoutMs?: number
  /** Default `nodeVerifier`. */
  readonly verifier?: Verifier
  /** Is told of each renewal, failure and expiry, and which credential is current. What it throws is dropped. */
  readonly observer?: (event: CertifyLoopEvent, credential: Credential | undefined) => void
}

/** A workload that keeps itself certified. Dispose of it to stop. */
export interface CertifyLoop extends AsyncDisposable {
  readonly source: CredentialSource
  /** The pair in use: that of the directory, or of the latest credential. */
  readonly keyMaterial: KeyMaterial
  /** Waits for the first credential. */
  ready(signal?: AbortSignal): Promise<Credential>
  /** Where the loop stands, since when, and when it tries next. */
  status(): RefreshStatus
  /** Certifies now, or joins the attempt under way. */
  certifyNow(signal?: AbortSignal): Promise<Credential>
}

/**
 * Starts the asking side: key and CSR from the directory, then certify, verify, publish, and again before the credential
 * ends. Failures are retried with back-off and never take away a credential that is still valid. Key and CSR stay the same
 * for the life of the loop unless `rekey` says otherwise (Q39); a new key is used from the moment of its certificate on,
 * never before.
 * @throws WorkloadError when the key or the CSR cannot be read or written; see `prepareKeyMaterial`
 */
export async function startCertifyLoop(options: CertifyLoopOptions): Promise<CertifyLoop> {
  const { name, observer } = options
  const material = await prepareKeyMaterial(options.directory, { name })
  const store = createCredentialStore()
  const tellOwn = (event: CertifyLoopEvent): void => tellObserver(event, options, store.source)
  const onNotWritten = (error: unknown): void => tellOwn({ type: 'key-not-written', error })
  const keys = createKeyRing(material, { ...options, onNotWritten })
  const tell = (event: RefreshEvent): void => {
    const renewed = event.type === 'renewed' ? refresher.current : undefined
    try {
      if (renewed) {
        keys.adopt(renewed)
        store.publish(renewed)
      }
    } catch (error) {
      observer?.({ type: 'listener-failed', error }, store.source.current)
    }
    observer?.(event, store.source.current)
  }
  const refresher: Refresher<Credential> = createRefresher({
    renew: (signal) => certifyOnce({ options, keys, tell: tellOwn }, { signal, source: store.source }),
    validityOf: ({ notBefore, notAfter }) => ({ notBefore, notAfter }),
    ...timingOf(options),
    observer: tell,
  })
  return Object.freeze({
    source: store.source,
    get keyMaterial() {
      return keys.current
    },
    ready: (signal?: AbortSignal) => refresher.ready(signal),
    status: () => refresher.status(),
    certifyNow: (signal?: AbortSignal) => refresher.refreshNow(signal),
    [Symbol.asyncDispose]: () => refresher[Symbol.asyncDispose](),
  })
}

/** What the refresher is told of time. */
function timingOf(options: CertifyLoopOptions) {
  const { name, clock, random, retry, retryAfterMsOf, renewTimeoutMs } = options
  return {
    clock,
    random,
    schedule: options.schedule ?? spreadSchedule({ seed: formatWorkloadName(name) }),
    ...(retry ? { retry } : {}),
    ...(retryAfterMsOf ? { retryAfterMsOf } : {}),
    ...(renewTimeoutMs === undefined ? {} : { renewTimeoutMs }),
  }
}

/** An observer only looks on: what it throws is dropped, as the refresher does with its own events. */
function tellObserver(event: CertifyLoopEvent, { observer }: CertifyLoopOptions, { current }: CredentialSource): void {
  try {
    observer?.(event, current)
  } catch {}
}

/** What an attempt needs. */
interface Attempt {
  readonly options: CertifyLoopOptions
  readonly keys: KeyRing
  readonly tell: (event: CertifyLoopEvent) => void
}

/** One attempt: key, token, question, answer, judgement. */
async function certifyOnce({ options, keys, tell }: Attempt, call: CertifyCall): Promise<Credential> {
  const { name, verifier, clock } = options
  const material = await keys.next()
  const token = await readToken(options.tokenFile)
  call.signal.throwIfAborted()
  const { csr, privateKey } = material
  const answer = await options.certify({ identity: formatWorkloadName(name), token, csr }, call)
  const trustAnchors = currentTrustAnchors(options.trustAnchors)
  const now = clock.now()
  const skew = skewOf(answer, now)
  if (skew) tell({ type: 'clock-skew', ...skew })
  const judged = { name, privateKey, trustAnchors, now, ...(verifier ? { verifier } : {}) }
  const credential = verifyCredential(answer, judged)
  await keys.keep(material, credential)
  return credential
}

/** What is no certificate is refused later, with its reason. */
function skewOf({ leaf, intermediates: [issuer] }: CertifyAnswer, now: Date): ClockSkew | undefined {
  try {
    const above = issuer === undefined ? undefined : parseCertificate(issuer)
    return probeClockSkew(parseCertificate(leaf), { now, age: 'just-issued', issuer: above })
  } catch {
    return undefined
  }
}
