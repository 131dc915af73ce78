/** What a workload asks for: the three fields of the wire, unchecked. */
export interface CertifyRequest {
  /** The name to be certified, of a form that the profile gives. */
  readonly identity: string
  /** The bytes of a bearer token, as its file has them. */
  readonly token: Uint8Array
  /** A PKCS#10 request, DER. */
  readonly csr: Uint8Array
}
