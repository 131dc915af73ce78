import {
  createIntermediateCertificate,
  createIssuer,
  type CreateIssuerOptions,
  createRootCertificate,
  createTrustAnchors,
  type Issuer,
} from '@meshid/certificate'
import {
  type Certifier,
  type CertifyEvent,
  createCertifier,
  createIssuerHolder,
  IdentityError,
  type IssuerHolder,
  type Profile,
} from '@meshid/identity'
import { createNobleSigner, generatePrivateKey, type LocalSigner, nobleVerifier, type Verifier } from '@meshid/keys'
import { linkerdName, parseTrustDomain, serviceAccount, spiffeIdOf } from '@meshid/spiffe-id'
import { type ReviewedAccount, TokenReviewError, type TokenReviewer } from '@meshid/token-review'

export const now = new Date('2026-11-21T12:00:00Z')
export const trustDomain = parseTrustDomain('cluster.local')
export const mesh = { controlNamespace: 'linkerd', trustDomain }
export const web = serviceAccount('emojivoto', 'web')
export const webSpiffeId = spiffeIdOf(web, trustDomain).toString()
export const webLinkerdName = linkerdName({ ...mesh, serviceAccount: web }).toString()

/** The key that the test workload made once; keys are slow to make. */
export const workloadSigner: LocalSigner = createNobleSigner(generatePrivateKey())

const hourMs = 3_600_000

/** A new CA below a new root, ready to issue; it lives for `lifetimeMs`. */
export async function newIssuer(
  { lifetimeMs = 8760 * hourMs }: { readonly lifetimeMs?: number } = {},
  options: CreateIssuerOptions = {},
): Promise<Issuer> {
  const rootSigner = createNobleSigner(generatePrivateKey())
  const root = await createRootCertificate({ signer: rootSigner, commonName: 'root.linkerd.cluster.local', now })
  const signer = createNobleSigner(generatePrivateKey())
  const certificate = await createIntermediateCertificate({
    issuer: { chain: [root], signer: rootSigner },
    key: signer.key,
    commonName: 'identity.linkerd.cluster.local',
    now,
    lifetimeMs,
  })
  return createIssuer({ chain: [certificate], signer, trustAnchors: createTrustAnchors([root]), now }, options)
}

const shared = newIssuer()

/** An account as a token review would describe it. */
export function accountOf(username: string, account = web): ReviewedAccount {
  return { serviceAccount: account, username, groups: [], audiences: ['identity.l5d.io'], extra: {} }
}

/** A real reviewer in a few lines: a fixed answer for each token, and a refusal for any other. */
export function reviewerOf(answers: Readonly<Record<string, ReviewedAccount | (() => Promise<ReviewedAccount>)>>) {
  const reviewed: string[] = []
  const reviewer: TokenReviewer = {
    async review(token, { signal } = {}) {
      signal?.throwIfAborted()
      const text = typeof token === 'string' ? token : new TextDecoder().decode(token)
      reviewed.push(text)
      const answer = answers[text]
      if (answer === undefined) throw new TokenReviewError('TOKEN_REVIEW_UNAUTHENTICATED', 'token: not known here')
      return typeof answer === 'function' ? answer() : answer
    },
  }
  return { reviewer, reviewed }
}

export interface World {
  readonly certifier: Certifier
  readonly holder: IssuerHolder
  readonly events: readonly CertifyEvent[]
  /** The tokens that were put before the reviewer. */
  readonly reviewed: readonly string[]
}

export interface WorldOptions {
  readonly profile: Profile
  readonly answers?: Parameters<typeof reviewerOf>[0]
  readonly reviewer?: TokenReviewer
  readonly issuer?: Issuer | undefined
  readonly clock?: { now(): Date }
  readonly verifier?: Verifier
  readonly monotonicMs?: () => number
}

/** A certifier with everything it needs; the token `web` belongs to the account `web`. */
export async function createWorld(options: WorldOptions): Promise<World> {
  const { profile, answers = { web: accountOf(web.username) }, clock = { now: () => now } } = options
  const { verifier = nobleVerifier, monotonicMs } = options
  const holder = createIssuerHolder()
  const issuer = 'issuer' in options ? options.issuer : await shared
  if (issuer !== undefined) holder.replace(issuer, now)
  const events: CertifyEvent[] = []
  const { reviewer, reviewed } = reviewerOf(answers)
  const certifier = createCertifier({
    reviewer: options.reviewer ?? reviewer,
    profile,
    issuer: holder,
    verifier,
    clock,
    observer: (event) => void events.push(event),
    monotonicMs,
  })
  return { certifier, holder, events, reviewed }
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The IdentityError that a promise rejects with; anything else is an error of the test. */
export async function refusalOf(promise: Promise<unknown>): Promise<IdentityError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof IdentityError) return error
    throw error
  }
  throw new Error('expected an IdentityError, found that nothing was refused')
}

/** A promise to be settled from outside. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: Error) => void = () => undefined
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle))
  return { promise, resolve: (value: T) => resolve(value), reject: (reason: Error) => reject(reason) }
}
