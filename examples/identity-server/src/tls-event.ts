/** What a client's certificate says, if it showed one; Certify does not ask for it. */
export type ClientCertificate =
  | { readonly kind: 'none' }
  /** Its first name; the certificate leads to the trust anchors and is valid now. */
  | { readonly kind: 'verified'; readonly name: string }
  /** Why it says nothing, for example `CERT_EXPIRED`. */
  | { readonly kind: 'refused'; readonly code: string }

/** What happens to the connections of the TLS listener. */
export type TlsEvent =
  | {
      readonly type: 'accepted'
      /** Address and port of the other end. */
      readonly peer: string
      /** The server name that the client asked for; anything is answered with the one certificate that there is. */
      readonly serverName: string | undefined
      /** Judged when called, because that costs some signature checks. */
      readonly clientCertificate: () => ClientCertificate
    }
  | { readonly type: 'refused'; readonly peer: string; readonly code: string; readonly reason: string }
  /** More handshakes at once than the limit; told once until they are fewer than half of it. */
  | { readonly type: 'busy'; readonly limit: number }

/** Is told of every connection of the TLS listener, at once. */
export type TlsObserver = (event: TlsEvent) => void
