import {
  type Certificate,
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  parseCertificate,
} from '@meshid/certificate'
import { createNobleSigner, generatePrivateKey, type LocalSigner } from '@meshid/keys'
import { parseSpiffeId, parseTrustDomain } from '@meshid/spiffe-id'
import { type IgnoredMember, parseTrustBundle, type TrustBundle, TrustBundleError } from '@meshid/trust-bundle'

/** The instant that tests call now. */
export const now: Date = new Date('2026-11-21T12:00:00Z')

export const dayMs = 86_400_000

/** An instant some days from {@link now}. */
export const days = (count: number): Date => new Date(now.getTime() + count * dayMs)

export const trustDomain = parseTrustDomain('td.test')
export const otherDomain = parseTrustDomain('other.test')

export interface Authority {
  readonly certificate: Certificate
  readonly signer: LocalSigner
}

export interface AuthorityOptions {
  readonly algorithm?: 'P-256' | 'P-384' | 'Ed25519'
  readonly signer?: LocalSigner
  readonly born?: Date
  readonly lifetimeMs?: number
}

/** A root of a trust domain. */
export async function createAuthority(commonName: string, options: AuthorityOptions = {}): Promise<Authority> {
  const signer = options.signer ?? createNobleSigner(generatePrivateKey(options.algorithm ?? 'P-256'))
  const { born = now, lifetimeMs = 365 * dayMs } = options
  return { certificate: await createRootCertificate({ signer, commonName, now: born, lifetimeMs }), signer }
}

/** A CA certificate for the key of one authority, signed by another. */
export async function crossSign(authority: Authority, by: Authority): Promise<Certificate> {
  return createIntermediateCertificate({
    issuer: { chain: [by.certificate], signer: by.signer },
    key: authority.signer.key,
    commonName: 'cross',
    now,
  })
}

/** A leaf of an authority, which must never become one. */
export async function createLeaf({ certificate, signer }: Authority): Promise<Certificate> {
  const trustAnchors = createTrustAnchors([certificate])
  const issuer = await createIssuer({ chain: [certificate], signer, trustAnchors, now })
  const { key } = createNobleSigner(generatePrivateKey())
  const leaf = await issuer.issue({ identity: { spiffeId: parseSpiffeId('spiffe://td.test/web') }, key, now })
  return parseCertificate(leaf.der)
}

/** The TrustBundleError that the operation throws; any other error is thrown on. */
export function refusalOf(operation: () => unknown): TrustBundleError {
  try {
    operation()
  } catch (error) {
    if (error instanceof TrustBundleError) return error
    throw error
  }
  throw new Error('expected a TrustBundleError, found that nothing was thrown')
}

export const codeOf = (operation: () => unknown): string => refusalOf(operation).code

/** Base64 in either alphabet, as a document has it. */
export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export type Jwk = Record<string, unknown>

/** An entry for X509-SVIDs of an authority on a NIST curve, written by this test and not by the package. */
export function x509Jwk(certificate: Certificate, changes: Jwk = {}): Jwk {
  const { algorithm, raw } = certificate.publicKey
  const half = (raw.length - 1) / 2
  return {
    kty: 'EC',
    crv: algorithm,
    x: base64url(raw.subarray(1, 1 + half)),
    y: base64url(raw.subarray(1 + half)),
    use: 'x509-svid',
    x5c: [base64(certificate.der)],
    ...changes,
  }
}

/** An entry for JWT-SVIDs with the key of a certificate. */
export function jwtJwk(certificate: Certificate, changes: Jwk = {}): Jwk {
  const { x5c: _, ...jwk } = x509Jwk(certificate)
  return { ...jwk, use: 'jwt-svid', kid: 'key-1', ...changes }
}

/** Parses and keeps what was ignored. */
export function read(document: unknown): { readonly bundle: TrustBundle; readonly ignored: readonly IgnoredMember[] } {
  const ignored: IgnoredMember[] = []
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const bundle = parseTrustBundle(text, { trustDomain, onIgnored: (member) => ignored.push(member) })
  return { bundle, ignored }
}

/** Where and why each member was ignored. */
export const reasons = (ignored: readonly IgnoredMember[]): readonly string[] =>
  ignored.map(({ at, error }) => `${at} ${error.code}`)
