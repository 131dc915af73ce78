import { Counter, Gauge, type Registry } from 'prom-client'
import type { TlsCredential } from './tls-credentials.ts'
import type { TlsObserver } from './tls-event.ts'

/** Counts the handshakes of the TLS listener. Calls are counted with all others, by the observer of calls. */
export function countTls(registry: Registry): TlsObserver {
  const handshakes = new Counter({
    name: 'identity_tls_handshakes_total',
    help: 'Handshakes on the TLS listener, by how they ended; refused is also who said nothing',
    labelNames: ['result'],
    registers: [registry],
  })
  for (const result of ['accepted', 'refused']) handshakes.inc({ result }, 0)
  return ({ type: result }) => {
    if (result !== 'busy') handshakes.inc({ result })
  }
}

/** Tells when the server's own certificate expires. */
export function gaugeTlsCertificate(registry: Registry): (credential: TlsCredential) => void {
  const notAfter = new Gauge({
    name: 'identity_tls_cert_not_after_timestamp_seconds',
    help: "When the certificate of the TLS listener expires; it is the server's own and renews itself",
    registers: [registry],
  })
  return ({ certificate }) => notAfter.set(certificate.notAfter.getTime() / 1000)
}
