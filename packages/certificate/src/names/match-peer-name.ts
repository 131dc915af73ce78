import { describeCertificate, evidenceOf, shorten } from '../describe-certificate.ts'
import { CertificateError } from '../errors.ts'
import { isSameBytes } from '../is-same-bytes.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { SubjectAltNames } from '../parse/subject-alt-names.ts'
import { isDnsName, wildcardBase } from './dns-name.ts'
import { parseIpAddress } from './ip-address.ts'

/** Whom the caller meant to reach. */
export interface PeerName {
  /** `dns` for the name of a host, `ip` for an address in text, `email` for a mailbox, `uri` for a whole URI. */
  readonly kind: 'dns' | 'ip' | 'email' | 'uri'
  readonly value: string
}

/**
 * Checks that a certificate is for a peer, by its subject alternative names of the peer's kind; the common name never counts.
 *
 * DNS names compare without letter case; `*.a.test` in the certificate stands for one label before a name of at least two.
 * IP addresses compare by octets, mailboxes exactly but for the case of the host, URIs exactly.
 *
 * Whether the certificate is genuine is not checked here; see `verifyChain`. Members of a mesh are recognised by their SPIFFE
 * ID instead; see `spiffeIdOfCertificate` (X509-38).
 *
 * @throws CertificateError CERT_PEER_NAME_MISMATCH, also when the peer's name is malformed
 * @see RFC 9525 section 6, RFC 5280 section 4.2.1.6
 */
export function matchPeerName(certificate: Certificate, peer: PeerName): void {
  const names = certificate.subjectAltNames
  if (names !== undefined && matchers[peer.kind](peer.value, names)) return
  const found = listed(peer.kind, names)
  const expected = `${peer.kind} name ${shorten(peer.value)}`
  throw new CertificateError(
    'CERT_PEER_NAME_MISMATCH',
    `${describeCertificate(certificate)}: expected the ${expected}, found ${found.length === 0 ? 'none' : found.join(', ')}`,
    { detail: { ...evidenceOf(certificate), expected, found } },
  )
}

const matchers: Readonly<Record<PeerName['kind'], (value: string, names: SubjectAltNames) => boolean>> = {
  dns: (value, { dnsNames }) => hasDnsName(value, dnsNames),
  ip: (value, { ipAddresses }) => hasIpAddress(value, ipAddresses),
  email: (value, { emailAddresses }) => {
    const expected = comparableMailbox(value)
    return expected !== undefined && emailAddresses.some((found) => comparableMailbox(found) === expected)
  },
  uri: (value, { uris }) => uris.includes(value),
}

/** A final period only says that the name is whole. */
function hasDnsName(value: string, dnsNames: readonly string[]): boolean {
  const expected = value.toLowerCase().replace(/\.$/, '')
  if (!isDnsName(expected) || parseIpAddress(expected) !== undefined) return false
  const above = expected.slice(expected.indexOf('.') + 1)
  return dnsNames.some((found) => {
    const name = found.toLowerCase()
    return name === expected || (above.includes('.') && expected.includes('.') && wildcardBase(name) === above)
  })
}

function hasIpAddress(value: string, ipAddresses: readonly string[]): boolean {
  const expected = parseIpAddress(value)
  if (expected === undefined) return false
  return ipAddresses.some((found) => isSameBytes(parseIpAddress(found) ?? new Uint8Array(), expected))
}

function comparableMailbox(address: string): string | undefined {
  const [mailbox = '', host = '', ...rest] = address.split('@')
  return mailbox === '' || !isDnsName(host) || rest.length > 0 ? undefined : `${mailbox}@${host.toLowerCase()}`
}

/** Most names in an error's detail. */
const MAX_LISTED_NAMES = 16

function listed(kind: PeerName['kind'], names: SubjectAltNames | undefined): readonly string[] {
  if (names === undefined) return []
  const all = { dns: names.dnsNames, ip: names.ipAddresses, email: names.emailAddresses, uri: names.uris }[kind]
  return all.slice(0, MAX_LISTED_NAMES).map(shorten)
}
