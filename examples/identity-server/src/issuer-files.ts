/** The names of the two files of an issuer's Secret. */
export interface IssuerFiles {
  readonly certificate: string
  readonly key: string
}

/** Linkerd's scheme has names of its own; every other is a Secret of type `kubernetes.io/tls`. */
export function issuerFiles(scheme: string): IssuerFiles {
  return scheme === 'linkerd.io/tls'
    ? { certificate: 'crt.pem', key: 'key.pem' }
    : { certificate: 'tls.crt', key: 'tls.key' }
}
