import { matchCsr, type VerifiedCsr } from '@meshid/csr'
import type { RequestedIdentity } from './requested-identity.ts'

/**
 * Compares the names in a CSR with the requested identity, where its form demands that.
 *
 * A request by Linkerd name must carry that name as its only DNS name, and as CommonName or none, as Linkerd's controller
 * demands. For a request by SPIFFE ID the names in the CSR are not looked at. In both cases nothing of them gets into
 * the leaf.
 *
 * @throws CsrError CSR_DNS_NAME_COUNT, CSR_DNS_NAME_MISMATCH, CSR_COMMON_NAME_MISMATCH, CSR_EMAIL_ADDRESS_PRESENT,
 * CSR_IP_ADDRESS_PRESENT, CSR_URI_PRESENT
 * @see linkerd2 `pkg/identity/service.go`, checkRequest
 */
export function matchCsrNames(csr: VerifiedCsr, { form, text }: RequestedIdentity): void {
  if (form === 'spiffe') return
  matchCsr(csr, { dnsNames: [text], commonName: [undefined, '', text], emailAddresses: [], ipAddresses: [], uris: [] })
}
