import { keyIdentifier } from '@meshid/keys'
import { describeCertificate, shorten } from '../describe-certificate.ts'
import type { CertificateError, CertificateErrorDetail } from '../errors.ts'
import { fingerprint } from '../fingerprint.ts'
import { bytesToHex } from '../hex.ts'
import { Certificate } from '../parse/certificate.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import { explanationLimits } from './explain-limits.ts'
import type { ReadCertificate, UnreadableCertificate } from './explanation.ts'

/** The identifier of a key as the certificate says it, or else of the key itself; short, because the peer chose it. */
export function keyIdentifierOf(anchor: TrustAnchor): string {
  const said = anchor instanceof Certificate ? anchor.subjectKeyIdentifier : undefined
  return shorten(bytesToHex(said ?? keyIdentifier(anchor.publicKey)))
}

/** The identifier of the key that signed a certificate, by its own word. */
export function authorityKeyIdentifierOf({ authorityKeyIdentifier }: Certificate): string | undefined {
  return authorityKeyIdentifier === undefined ? undefined : shorten(bytesToHex(authorityKeyIdentifier))
}

/** Facts of a certificate or trusted key, within limits. */
export function explainCertificate(anchor: TrustAnchor, index: number): ReadCertificate {
  const certificate = anchor instanceof Certificate ? anchor : undefined
  return Object.freeze({
    state: 'read' as const,
    index,
    name: describeCertificate(anchor),
    issuer: certificate && shorten(certificate.issuer.text()),
    serialNumber: certificate?.serialNumber,
    notBefore: anchor.notBefore?.toISOString(),
    notAfter: anchor.notAfter?.toISOString(),
    key: anchor.publicKey.algorithm,
    keyIdentifier: keyIdentifierOf(anchor),
    authorityKeyIdentifier: certificate && authorityKeyIdentifierOf(certificate),
    names: Object.freeze(certificate === undefined ? [] : firstOf(namesOf(certificate))),
    fingerprint: certificate && fingerprint(certificate),
  })
}

function namesOf({ subjectAltNames: names }: Certificate): readonly string[] {
  if (names === undefined) return []
  return [
    ...names.uris.map((uri) => `uri:${uri}`),
    ...names.dnsNames.map((name) => `dns:${name}`),
    ...names.emailAddresses.map((address) => `email:${address}`),
    ...names.ipAddresses.map((address) => `ip:${address}`),
  ]
}

/** Why bytes are no certificate, and where they break. */
export function explainUnreadable(error: CertificateError, index: number, bytes: number): UnreadableCertificate {
  const { offset } = error.detail
  return Object.freeze({
    state: 'unreadable' as const,
    index,
    bytes,
    code: error.code,
    message: shorten(error.message),
    offset: typeof offset === 'number' ? offset : undefined,
  })
}

/** Evidence without what a peer could make long. */
export function cutDetail(detail: CertificateErrorDetail): CertificateErrorDetail {
  const entries = Object.entries(detail).map(([name, value]) => {
    if (typeof value === 'string') return [name, shorten(value)]
    return [name, typeof value === 'object' ? Object.freeze(firstOf(value)) : value]
  })
  return Object.freeze(Object.fromEntries(entries))
}

/** The first values of a list, and how many more there are. */
export function firstOf(values: readonly string[]): readonly string[] {
  const shown = values.slice(0, explanationLimits.values).map(shorten)
  const rest = values.length - shown.length
  return rest === 0 ? shown : [...shown, `… and ${rest} more`]
}
