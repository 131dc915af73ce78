import { checkString, parseSpiffeId, parseTrustDomain, SpiffeId, TrustDomain } from './spiffe-id.ts'

/**
 * Says which trust domain a value names: a SPIFFE ID, the text of one, or the bare name of the domain.
 *
 * A text with ":/" in it is read as a SPIFFE ID, everything else as a bare name, as go-spiffe does. Where you know which
 * of the two you have, use parseSpiffeId or parseTrustDomain.
 *
 * @throws {SpiffeIdError} the codes of parseSpiffeId and parseTrustDomain
 * @see rule ID-20
 */
export const trustDomainOf = (idOrName: SpiffeId | TrustDomain | string): TrustDomain => {
  if (idOrName instanceof TrustDomain) return idOrName
  if (idOrName instanceof SpiffeId) return idOrName.trustDomain
  checkString(idOrName, 'a SPIFFE ID or a trust domain')
  return idOrName.includes(':/') ? parseSpiffeId(idOrName).trustDomain : parseTrustDomain(idOrName)
}
