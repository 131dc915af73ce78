import { randomUUID } from 'node:crypto'
import type { IssuedCertificate, Issuer, WorkloadIdentity } from '@meshid/certificate'
import { encodePem } from '@meshid/der'
import type { IssuerHolder } from '@meshid/identity'
import { createNodeSigner, generateNodePrivateKey } from '@meshid/keys/node'
import { type Clock, createRefresher, type RefreshObserver, spreadSchedule } from '@meshid/refresh'
import type { TlsMaterial } from '@meshid/workload'

/** A certificate that the server issued to itself, with its key, which is nowhere but in memory. */
export interface TlsCredential extends TlsMaterial {
  readonly certificate: IssuedCertificate
  /** Whose it is: with another issuer in use, another certificate is due. */
  readonly issuer: Issuer
}

export interface TlsCredentialsOptions {
  readonly identity: WorkloadIdentity
  readonly holder: Pick<IssuerHolder, 'current'>
  readonly clock: Clock
  readonly onIssued: (credential: TlsCredential) => void
  readonly observer?: RefreshObserver
  /** Ends the wait for the first certificate. */
  readonly signal: AbortSignal
}

/** The server's own certificate, renewed in time. */
export interface TlsCredentials extends AsyncDisposable {
  /**
   * The credential for a handshake that begins now: one of the issuer in use, even if that was replaced a moment ago; or
   * the old one, as long as it is valid, if that issuer refuses.
   *
   * @throws Error TLS_NO_CERTIFICATE
   */
  current(): Promise<TlsCredential>
}

/** No certificate can be shown: the one that there was has expired, and no other could be issued. */
export class NoTlsCertificateError extends Error {
  override readonly name = 'NoTlsCertificateError'
  readonly code = 'TLS_NO_CERTIFICATE'
}

/**
 * Issues the server's own certificate and keeps it fresh, with a new key each time.
 *
 * @throws CertificateError when the issuer in use does not issue even the first
 */
export async function createTlsCredentials(options: TlsCredentialsOptions): Promise<TlsCredentials> {
  const { holder, clock, observer, signal } = options
  let refusing: Issuer | undefined
  const renew = async (stop: AbortSignal): Promise<TlsCredential> => {
    const issuer = holder.current
    if (issuer === undefined) throw new NoTlsCertificateError('expected an issuer, found none')
    refusing = issuer
    const credential = await issueToItself(issuer, { ...options, signal: stop })
    refusing = undefined
    options.onIssued(credential)
    return credential
  }
  const refresher = createRefresher<TlsCredential>({
    renew,
    validityOf: ({ certificate }) => certificate,
    schedule: spreadSchedule({ seed: randomUUID() }), // replicas share their identity
    clock,
    random: Math.random,
    ...(observer === undefined ? {} : { observer }),
  })
  try {
    await refresher.refreshNow(signal)
  } catch (error) {
    await refresher[Symbol.asyncDispose]()
    throw error
  }
  const isDue = (held: TlsCredential | undefined): boolean => {
    if (refusing === holder.current) return false // it is not asked again at each handshake
    return held === undefined || held.issuer !== holder.current || !isValid(held, clock.now())
  }
  return {
    async current() {
      // What a failure was, the observer has heard; the refresher tries again by itself.
      if (isDue(refresher.current)) await refresher.refreshNow().catch(() => undefined)
      return usable(refresher.current, clock.now())
    },
    [Symbol.asyncDispose]: () => refresher[Symbol.asyncDispose](),
  }
}

async function issueToItself(
  issuer: Issuer,
  { identity, clock, signal }: Pick<TlsCredentialsOptions, 'identity' | 'clock' | 'signal'>,
): Promise<TlsCredential> {
  const privateKey = generateNodePrivateKey('P-256')
  const { key } = createNodeSigner(privateKey)
  const certificate = await issuer.issue({ identity, key, now: clock.now(), signal })
  const chain = [certificate.der, ...issuer.chain]
  return {
    issuer,
    certificate,
    certificateChainPem: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    privateKeyPem: () => privateKey.toPkcs8Pem(),
  }
}

function usable(credential: TlsCredential | undefined, now: Date): TlsCredential {
  if (credential !== undefined && isValid(credential, now)) return credential
  throw new NoTlsCertificateError('expected a certificate of the server that is valid now, found none')
}

const isValid = ({ certificate }: TlsCredential, now: Date): boolean => now <= certificate.notAfter
