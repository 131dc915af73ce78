import type { TrustAnchors } from '@meshid/certificate'
import type { Verifier } from '@meshid/keys'
import {
  type Clock,
  createRefresher,
  type RefreshEvent,
  type Refresher,
  type RefreshSchedule,
  type RetryOptions,
  spreadSchedule,
} from '@meshid/refresh'
import { createCredentialStore, type CredentialSource } from './credential-source.ts'
import type { Credential } from './credential.ts'
import type { EndEntityDirectory } from './end-entity-directory.ts'
import { type KeyMaterial, prepareKeyMaterial } from './key-material.ts'
import { readToken } from './read-token.ts'
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

/** Asks the identity service; usually a gRPC call. Must end when the signal aborts. */
export type Certify = (question: CertifyQuestion, options: { readonly signal: AbortSignal }) => Promise<CertifyAnswer>

/** Options of {@link startCertifyLoop}. */
export interface CertifyLoopOptions {
  readonly name: WorkloadName
  readonly directory: EndEntityDirectory
  /** Path of the projected service-account token; read anew for each attempt. */
  readonly tokenFile: string
  readonly trustAnchors: TrustAnchors
  readonly certify: Certify
  readonly clock: Clock
  /** Uniform in [0, 1), usually `Math.random`; only spreads the retries. */
  readonly random: () => number
  /** Default: `spreadSchedule` with the name as its seed. */
  readonly schedule?: RefreshSchedule
  readonly retry?: RetryOptions
  /** Deadline of one attempt. Default 30 s (`DEFAULT_RENEW_TIMEOUT_MS`). */
  readonly renewTimeoutMs?: number
  /** Default `nodeVerifier`. */
  readonly verifier?: Verifier
  /** Is told of each renewal, failure and expiry. */
  readonly observer?: (event: RefreshEvent, credential: Credential | undefined) => void
}

/** A workload that keeps itself certified. Dispose of it to stop. */
export interface CertifyLoop extends AsyncDisposable {
  readonly source: CredentialSource
  readonly keyMaterial: KeyMaterial
  /** Waits for the first credential. */
  ready(signal?: AbortSignal): Promise<Credential>
  status: Refresher<Credential>['status']
  /** Certifies now, or joins the attempt under way. */
  certifyNow(signal?: AbortSignal): Promise<Credential>
}

/**
 * Starts the asking side: key and CSR from the directory, then certify, verify, publish, and again before the credential
 * ends. Failures are retried with back-off and never take away a credential that is still valid.
 * @throws WorkloadError when the key or the CSR cannot be read or written
 */
export async function startCertifyLoop(options: CertifyLoopOptions): Promise<CertifyLoop> {
  const { name, directory, clock } = options
  const keyMaterial = await prepareKeyMaterial(directory, { name })
  const store = createCredentialStore()

  const renew = async (signal: AbortSignal): Promise<Credential> => {
    const token = await readToken(options.tokenFile)
    const question = { identity: formatWorkloadName(name), token, csr: keyMaterial.csr }
    const answer = await options.certify(question, { signal })
    signal.throwIfAborted()
    const credential = verifyCredential(answer, {
      name,
      privateKey: keyMaterial.privateKey,
      trustAnchors: options.trustAnchors,
      now: clock.now(),
      ...(options.verifier ? { verifier: options.verifier } : {}),
    })
    store.publish(credential)
    return credential
  }
  const refresher = createRefresher<Credential>({
    renew,
    validityOf: ({ notBefore, notAfter }) => ({ notBefore, notAfter }),
    schedule: options.schedule ?? spreadSchedule({ seed: formatWorkloadName(name) }),
    clock,
    random: options.random,
    ...(options.retry ? { retry: options.retry } : {}),
    ...(options.renewTimeoutMs === undefined ? {} : { renewTimeoutMs: options.renewTimeoutMs }),
    observer: (event) => options.observer?.(event, store.source.current),
  })
  return {
    source: store.source,
    keyMaterial,
    ready: (signal) => refresher.ready(signal),
    status: () => refresher.status(),
    certifyNow: (signal) => refresher.refreshNow(signal),
    [Symbol.asyncDispose]: () => refresher[Symbol.asyncDispose](),
  }
}
