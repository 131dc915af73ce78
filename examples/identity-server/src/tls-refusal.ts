/** What the codes of OpenSSL and of the system mean on this listener. */
const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'expected TLS, found plain text: HTTP/2 without TLS belongs on the address of --addr',
  ERR_SSL_HTTP_REQUEST: 'expected TLS, found a plain HTTP/1 request',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'expected TLS 1.3, found an older version',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'expected the ALPN protocol h2 or none, found others',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'expected the ALPN protocol h2 or none, found others',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'expected a handshake, found too little of it in the time that it may take',
  ECONNRESET: 'expected a handshake, found the connection closed by the other end',
}

/** A failed handshake for the log: a code, and what was expected and found. */
export function tlsRefusal(cause: unknown): { readonly code: string; readonly reason: string } {
  if (!(cause instanceof Error)) return { code: 'ECONNRESET', reason: reasons['ECONNRESET'] ?? '' }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN'
  return { code, reason: reasons[code] ?? cause.message }
}
