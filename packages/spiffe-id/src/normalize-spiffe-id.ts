import { SPIFFE_SCHEME } from './scan-spiffe-id.ts'
import { checkString, parseSpiffeId, type ParseSpiffeIdOptions, type SpiffeId } from './spiffe-id.ts'

/**
 * Parses a SPIFFE ID after lowercasing A-Z in its scheme and trust domain; the path is left as it is.
 *
 * For input whose sender cannot be changed. Never use it on the ID inside an SVID: there, uppercase is an offence.
 *
 * @throws {SpiffeIdError} the codes of parseSpiffeId, but SPIFFE_ID_SCHEME_UPPERCASE and SPIFFE_ID_TRUST_DOMAIN_UPPERCASE
 * @see SPIFFE-ID section 2.4; rules ID-17, ID-21
 */
export const normalizeSpiffeId = (text: string, options: ParseSpiffeIdOptions = {}): SpiffeId => {
  checkString(text, 'a SPIFFE ID')
  const slash = text.indexOf('/', SPIFFE_SCHEME.length)
  const end = slash < 0 ? text.length : slash
  // Not toLowerCase on the whole: it would turn the Kelvin sign U+212A into a "k".
  const authority = text.slice(0, end).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  return parseSpiffeId(authority + text.slice(end), options)
}
