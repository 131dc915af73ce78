export { decodeAccountLabel, type DottedAccounts, encodeAccountLabel } from './account-label.ts'
export { spiffeId, spiffeIdFromSegments } from './build-spiffe-id.ts'
export { linkerdNameOf, serviceAccountOf, spiffeIdOf, spiffeIdOfLinkerdName } from './convert.ts'
export {
  dns1123LabelErrors,
  dns1123SubdomainCaselessErrors,
  dns1123SubdomainErrors,
  isDns1123Label,
  isDns1123Subdomain,
  isDns1123SubdomainCaseless,
  MAX_DNS1123_LABEL_BYTES,
  MAX_DNS1123_SUBDOMAIN_BYTES,
} from './dns1123.ts'
export { SpiffeIdError, spiffeIdErrorCodes, type SpiffeIdErrorCode, type SpiffeIdErrorDetail } from './errors.ts'
export { LinkerdName, linkerdName, MAX_LINKERD_NAME_BYTES, parseLinkerdName } from './linkerd-name.ts'
export type { LinkerdMesh, LinkerdNameParts } from './linkerd-name.ts'
export { isMatch, matchId, type IdMatcher } from './match-id.ts'
export { normalizeSpiffeId } from './normalize-spiffe-id.ts'
export { isSpiffeId, MAX_SPIFFE_ID_BYTES, MAX_TRUST_DOMAIN_BYTES } from './scan-spiffe-id.ts'
export {
  parseServiceAccountUsername,
  ServiceAccount,
  serviceAccount,
  SERVICE_ACCOUNT_USERNAME_PREFIX,
} from './service-account.ts'
export { parseSpiffeId, parseTrustDomain, SpiffeId, TrustDomain } from './spiffe-id.ts'
export type { ParseSpiffeIdOptions } from './spiffe-id.ts'
export { trustDomainOf } from './trust-domain-of.ts'
