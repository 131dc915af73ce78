import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/**
 * Makes Node's HTTP/2 server take a TLS connection without ALPN (prior knowledge, RFC 9113 section 3.3).
 *
 * @throws TypeError for a TLS connection that agreed on something else than h2.
 */
export function agreeOnHttp2(connection: Duplex): void {
  if (!(connection instanceof TLSSocket)) return
  const { alpnProtocol } = connection
  if (typeof alpnProtocol === 'string' && alpnProtocol !== 'h2') {
    throw new TypeError(`expected a TLS connection that agreed on h2 or on nothing, found ${alpnProtocol}`)
  }
  connection.alpnProtocol = 'h2' // what Node's HTTP/2 server looks at
}
