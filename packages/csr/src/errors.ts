/** Every code of a {@link CsrError}, with what it means and what to do next. */
export const csrErrorCodes = {
  CSR_TOO_LARGE: 'The request is longer than the limit; a request for one identity has a few hundred bytes.',
  CSR_PEM_INVALID: 'The text is not exactly one CERTIFICATE REQUEST block of strict PEM; send that block or its DER.',
  CSR_MALFORMED: 'The bytes are not one PKCS#10 request in strict DER with nothing after it; encode the request again.',
  CSR_VERSION_UNSUPPORTED: 'The version is not 0, the only one of PKCS#10.',
  CSR_SUBJECT_INVALID: 'The subject holds a control character, something that is no text, or two common names.',
  CSR_NAME_INVALID:
    'A subject alternative name is empty, of the wrong size, or holds a character outside printable ASCII.',
  CSR_UNSUPPORTED_KEY:
    'The key is not of an accepted kind (P-256, P-384, Ed25519, or fewer by policy); make another key.',
  CSR_PUBLIC_KEY_INVALID: 'The public key is not a usable point in its one encoding; make another key.',
  CSR_UNSUPPORTED_SIGNATURE_ALGORITHM: 'The signature algorithm is unknown or too weak; sign with SHA-256 or better.',
  CSR_SIGNATURE_ALGORITHM_MISMATCH: 'The signature algorithm cannot belong to the public key; sign with that very key.',
  CSR_DUPLICATE_EXTENSION_REQUEST: 'Extensions are requested twice, so that it is not clear which are meant; ask once.',
  CSR_DUPLICATE_EXTENSION: 'The same extension is requested twice; ask once.',
  CSR_TOO_MANY_EXTENSIONS: 'More extensions are requested than the limit; a request for an identity needs one.',
  CSR_SIGNATURE_INVALID: 'The request is not signed by the private key of its public key: possession is not proven.',
  CSR_DNS_NAME_COUNT: 'The request has more or fewer DNS names than expected.',
  CSR_DNS_NAME_MISMATCH: 'The DNS names are not the expected ones.',
  CSR_COMMON_NAME_MISMATCH: 'The common name is none of the expected ones.',
  CSR_EMAIL_ADDRESS_PRESENT: 'The request has e-mail addresses where none are expected.',
  CSR_EMAIL_ADDRESS_MISMATCH: 'The e-mail addresses are not the expected ones.',
  CSR_IP_ADDRESS_PRESENT: 'The request has IP addresses where none are expected.',
  CSR_IP_ADDRESS_MISMATCH: 'The IP addresses are not the expected ones.',
  CSR_URI_PRESENT: 'The request has URIs where none are expected.',
  CSR_URI_MISMATCH: 'The URIs are not the expected ones.',
  CSR_OTHER_NAME_PRESENT: 'The request has names of other types (otherName, directoryName, …) than are expected.',
} as const

/** A stable code of a {@link CsrError}. */
export type CsrErrorCode = keyof typeof csrErrorCodes

/** Facts that are safe to show: names as they were asked for, OIDs, algorithms and sizes. */
export interface CsrErrorDetail {
  readonly expected?: string
  readonly found?: string
  readonly limit?: number
}

/** Says why a certification request was refused; its `cause` is a DerError or KeysError where one of them knew. */
export class CsrError extends Error {
  override readonly name = 'CsrError'
  readonly code: CsrErrorCode
  readonly detail: CsrErrorDetail

  constructor(code: CsrErrorCode, detail: CsrErrorDetail = {}, options?: ErrorOptions) {
    super(messageOf(code, detail), options)
    this.code = code
    this.detail = Object.freeze({ ...detail })
  }
}

function messageOf(code: CsrErrorCode, { expected, found, limit }: CsrErrorDetail): string {
  const parts: string[] = []
  if (expected !== undefined) parts.push(`expected ${expected}`)
  if (found !== undefined) parts.push(`found ${found}`)
  if (limit !== undefined) parts.push(`limit ${limit}`)
  return `${code}: ${parts.length > 0 ? parts.join(', ') : csrErrorCodes[code]}`
}
