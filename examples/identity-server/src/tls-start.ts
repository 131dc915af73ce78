import type { TrustAnchors, WorkloadIdentity } from '@meshid/certificate'
import type { Logger } from '@meshid/example-operations'
import type { IssuerHolder, Profile } from '@meshid/identity'
import type { Clock } from '@meshid/refresh'
import type { TransportServer } from '@meshid/rpc'
import type { Registry } from 'prom-client'
import { boundText, type NamedAddress } from './flag-values.ts'
import { step } from './start-error.ts'
import { judgeClientCertificate } from './tls-client-certificate.ts'
import { createTlsCredentials, type TlsCredentials } from './tls-credentials.ts'
import { tlsIdentity } from './tls-identity.ts'
import { startTlsListener, type TlsListenerOptions } from './tls-listener.ts'
import { logTls, logTlsCertificate, logTlsRefresh } from './tls-log.ts'
import { countTls, gaugeTlsCertificate } from './tls-metrics.ts'

/** The flags that this is about. */
export interface TlsFlags {
  /** Undefined: no TLS. */
  readonly tlsAddr?: NamedAddress | undefined
  /** Undefined: the account that Linkerd gives its identity service. */
  readonly tlsServiceAccount?: string | undefined
}

export interface TlsStartOptions {
  /** Where the gRPC server takes connections. */
  readonly injector: Pick<TransportServer, 'inject'>
  readonly profile: Profile
  /** Where the server's account is. */
  readonly namespace: string
  readonly holder: Pick<IssuerHolder, 'current'>
  readonly anchors: { readonly current: TrustAnchors }
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: { readonly registry: Registry }
  /** Ends the listener. */
  readonly stop: AbortSignal
}

/**
 * Starts the TLS listener if `--tls-addr` asks for one: the same service as on `--addr`, for proxies that reach it without
 * a sidecar in between.
 *
 * @throws StartError: a name that is none, no certificate, an address that cannot be bound
 */
export async function startTls(flags: TlsFlags, options: TlsStartOptions): Promise<void> {
  const { tlsAddr, tlsServiceAccount: name } = flags
  if (tlsAddr === undefined) return
  const { injector, log, metrics, stop } = options
  const observers = [logTls(log), countTls(metrics.registry)]
  const credentials = await step('Failed to issue the certificate of this server', () =>
    issueOwn(tlsIdentity(options.profile, { namespace: options.namespace, name }), options),
  )
  const listenerOptions: TlsListenerOptions = {
    credentials,
    onConnection: (socket) => injector.inject(socket),
    judge: (socket) =>
      judgeClientCertificate(socket, { trustAnchors: options.anchors.current, now: options.clock.now() }),
    observer: (event) => {
      for (const observe of observers) observe(event)
    },
  }
  const listener = await step(`Failed to listen on ${tlsAddr.text}`, () => startTlsListener(tlsAddr, listenerOptions))
  log.info(`starting gRPC server with TLS on ${boundText(tlsAddr, listener.port)}`)
  const end = (): void => {
    listener.close()
    void credentials[Symbol.asyncDispose]()
  }
  if (stop.aborted) end()
  else stop.addEventListener('abort', end, { once: true })
}

function issueOwn(
  identity: WorkloadIdentity,
  { holder, clock, log, metrics, stop: signal }: TlsStartOptions,
): Promise<TlsCredentials> {
  const tell = logTlsCertificate(log, String(identity.dnsName ?? identity.spiffeId))
  const measure = gaugeTlsCertificate(metrics.registry)
  return createTlsCredentials({
    identity,
    holder,
    clock,
    signal,
    observer: logTlsRefresh(log),
    onIssued(credential) {
      tell(credential)
      measure(credential)
    },
  })
}
