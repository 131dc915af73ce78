import { CsrError, type CsrErrorCode } from './errors.ts'
import type { ParsedCsr } from './parsed-csr.ts'

/** What a request must ask for; a list is an exact set, and what is left out is not looked at. */
export interface CsrExpectation {
  readonly dnsNames?: readonly string[]
  /** Any one of these; `undefined` in the list stands for a subject without a common name. */
  readonly commonName?: readonly (string | undefined)[]
  readonly emailAddresses?: readonly string[]
  /** As `ParsedCsr.ipAddresses` writes them. */
  readonly ipAddresses?: readonly string[]
  readonly uris?: readonly string[]
  /** How many names of other types (otherName, directoryName, …). */
  readonly otherNameCount?: number
}

/** Longest text of names in an error. */
const MAX_SHOWN = 512

/**
 * Checks that a request asks for the expected names and no others, byte for byte, in Linkerd's order.
 *
 * That whoever asks may have them is not checked here.
 *
 * @throws CsrError CSR_DNS_NAME_COUNT, CSR_DNS_NAME_MISMATCH, CSR_COMMON_NAME_MISMATCH, CSR_EMAIL_ADDRESS_PRESENT,
 *   CSR_EMAIL_ADDRESS_MISMATCH, CSR_IP_ADDRESS_PRESENT, CSR_IP_ADDRESS_MISMATCH, CSR_URI_PRESENT, CSR_URI_MISMATCH,
 *   CSR_OTHER_NAME_PRESENT; `detail` holds the expected and found names
 * @see linkerd2 `pkg/identity/service.go`, checkRequest
 */
export function matchCsr(csr: ParsedCsr, expectation: CsrExpectation): void {
  const { dnsNames, commonName, emailAddresses, ipAddresses, uris, otherNameCount } = expectation
  if (dnsNames !== undefined) matchDnsNames(csr.dnsNames, dnsNames)
  if (commonName !== undefined && !commonName.includes(csr.subject.commonName)) {
    throw mismatch('CSR_COMMON_NAME_MISMATCH', commonName, [csr.subject.commonName])
  }
  if (emailAddresses !== undefined) matchSet('CSR_EMAIL_ADDRESS', csr.emailAddresses, emailAddresses)
  if (ipAddresses !== undefined) matchSet('CSR_IP_ADDRESS', csr.ipAddresses, ipAddresses)
  if (uris !== undefined) matchSet('CSR_URI', csr.uris, uris)
  if (otherNameCount !== undefined && csr.otherNameCount !== otherNameCount) {
    const found = `${csr.otherNameCount} names of other types`
    throw new CsrError('CSR_OTHER_NAME_PRESENT', { expected: `${otherNameCount}`, found })
  }
}

function matchDnsNames(found: readonly string[], expected: readonly string[]): void {
  if (found.length !== expected.length) throw mismatch('CSR_DNS_NAME_COUNT', expected, found)
  if (!isSameSet(found, expected)) throw mismatch('CSR_DNS_NAME_MISMATCH', expected, found)
}

function matchSet(
  kind: 'CSR_EMAIL_ADDRESS' | 'CSR_IP_ADDRESS' | 'CSR_URI',
  found: readonly string[],
  expected: readonly string[],
): void {
  if (isSameSet(found, expected)) return
  throw mismatch(expected.length === 0 ? `${kind}_PRESENT` : `${kind}_MISMATCH`, expected, found)
}

function isSameSet(found: readonly string[], expected: readonly string[]): boolean {
  return (
    found.length === expected.length &&
    expected.every((name) => found.includes(name)) &&
    found.every((name) => expected.includes(name))
  )
}

function mismatch(
  code: CsrErrorCode,
  expected: readonly (string | undefined)[],
  found: readonly (string | undefined)[],
): CsrError {
  return new CsrError(code, { expected: shown(expected), found: shown(found) })
}

/** Names have no control characters, so that they can be shown; how long they are is the sender's choice. */
function shown(names: readonly (string | undefined)[]): string {
  if (names.length === 0) return 'none'
  const text = names.map((name) => name ?? 'none').join(', ')
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
