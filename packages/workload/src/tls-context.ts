import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { keyExchangeGroups } from './key-exchange-groups.ts'

/** What TLS is given of a credential. */
export interface TlsMaterial {
  /** Leaf first. */
  readonly certificateChainPem: string
  /** The secret, PKCS#8. */
  privateKeyPem(): string
}

/**
 * The TLS context of a credential, or of a client that shows none: TLS 1.3 only, the groups of `keyExchangeGroups`, no
 * tickets that a server would take back without remembering them (a resumed session would skip the peer check, JS-7; Node
 * remembers none), and no certificate authorities at all, so that TLS itself trusts nobody: use it with
 * `requestCert: true` and `rejectUnauthorized: false`, and let {@link verifyPeer} decide before the first byte (JS-6).
 *
 * The empty `ca` also keeps what the peer sent: where Node's own verification succeeds on a server, some versions
 * (24.21 and 26.8 among them) lose every certificate but the leaf (nodejs/node#65579).
 */
export function tlsContext(material?: TlsMaterial): SecureContextOptions {
  return {
    ...(material === undefined ? {} : { cert: material.certificateChainPem, key: material.privateKeyPem() }),
    ca: [],
    ecdhCurve: keyExchangeGroups(),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}
