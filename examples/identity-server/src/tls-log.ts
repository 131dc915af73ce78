import type { Logger } from '@meshid/example-operations'
import type { RefreshObserver } from '@meshid/refresh'
import { codedText, codeOf } from './coded-text.ts'
import { formatGoTime } from './go-time.ts'
import type { TlsCredential } from './tls-credentials.ts'
import type { ClientCertificate, TlsObserver } from './tls-event.ts'

/** Logs what happens on the TLS listener: whom it refuses, and, for `debug`, whom it accepts. */
export function logTls(log: Logger): TlsObserver {
  return (event) => {
    switch (event.type) {
      case 'accepted': {
        if (!log.isLevelEnabled('debug')) return undefined // judging the client's certificate would be for nothing
        const { peer, serverName = 'none' } = event
        const client = clientText(event.clientCertificate())
        return log.debug(`TLS connection from ${peer}: server name ${serverName}, client certificate ${client}`)
      }
      case 'refused': {
        // Whoever only looks whether the port is open, as probes do, is not worth more.
        const level = event.code === 'ECONNRESET' ? 'debug' : 'info'
        return log[level]({ code: event.code }, `refused TLS connection from ${event.peer}: ${event.reason}`)
      }
      case 'busy':
        return log.warn(`refusing TLS connections: ${event.limit} handshakes are under way, the most at once`)
    }
  }
}

/** Logs the server's own certificate as it logs those of others. */
export function logTlsCertificate(log: Logger, name: string): (credential: TlsCredential) => void {
  return ({ certificate }) => {
    const until = formatGoTime(certificate.notAfter)
    log.info(`issued the certificate of this server, ${name}, until ${until}: ${certificate.fingerprint()}`)
  }
}

/** Logs the renewals that fail. */
export function logTlsRefresh(log: Logger): RefreshObserver {
  return (event) => {
    if (event.type === 'failed') {
      const next = event.nextAttemptAt.toISOString()
      const text = `could not renew the certificate of this server, next attempt at ${next}: ${codedText(event.error)}`
      log.warn({ code: codeOf(event.error) }, text)
    }
    if (event.type === 'expired') log.error('the certificate of this server has expired: TLS connections are refused')
  }
}

function clientText(client: ClientCertificate): string {
  if (client.kind === 'none') return 'none'
  return client.kind === 'verified' ? `of ${client.name}` : `not believed (${client.code})`
}
