import { oidName } from '@meshid/der'
import { keyIdentifier } from '@meshid/keys'
import type { BasicConstraints, Certificate, ExtendedKeyUsage, KeyUsage } from './parse/certificate.ts'
import { fingerprint } from './fingerprint.ts'
import { bytesToHex } from './hex.ts'
import { remainingTime } from './remaining-time.ts'
import type { SubjectAltNames } from './parse/subject-alt-names.ts'

/** Options of {@link inspectCertificate}. */
export interface InspectCertificateOptions {
  /** The instant to count the remaining time from; without it only the dates are shown. */
  readonly now?: Date
}

type Line = readonly [label: string, value: string]

const LABEL_WIDTH = 20

/**
 * A certificate for people: one `label: value` line for each fact. The layout may change; programs read the fields.
 *
 * Nothing is verified here; see `verifyChain`. Names are escaped, so that the text is safe on a terminal and in a log.
 */
export function inspectCertificate(certificate: Certificate, options: InspectCertificateOptions = {}): string {
  const { subject, issuer, notBefore, notAfter, publicKey, authorityKeyIdentifier } = certificate
  const lines: readonly Line[] = [
    ['Subject', subject.isEmpty ? '(empty)' : subject.text()],
    ['Issuer', issuer.text()],
    ['Serial number', certificate.serialNumber],
    ['Valid from', formatDate(notBefore)],
    ['Valid until', `${formatDate(notAfter)}${remaining(certificate, options.now)}`],
    ['Public key', `${publicKey.algorithm} ${bytesToHex(keyIdentifier(publicKey))}`],
    ['Signature', signatureOf(certificate)],
    ...optionalLine('Subject key id', certificate.subjectKeyIdentifier, bytesToHex),
    ...optionalLine('Authority key id', authorityKeyIdentifier, bytesToHex),
    ...optionalLine('Basic constraints', certificate.basicConstraints, describeBasicConstraints),
    ...optionalLine('Key usage', certificate.keyUsage, describeKeyUsage),
    ...optionalLine('Extended key usage', certificate.extendedKeyUsage, describeExtendedKeyUsage),
    ...nameLines(certificate.subjectAltNames),
    ...certificate.unknownCriticalExtensions.map((oid): Line => ['Unknown critical', oidName(oid) ?? oid]),
    ['SHA-256', fingerprint(certificate)],
  ]
  return lines.map(([label, value]) => `${`${label}:`.padEnd(LABEL_WIDTH)} ${value}\n`).join('')
}

function optionalLine<Value>(label: string, value: Value | undefined, format: (value: Value) => string): Line[] {
  return value === undefined ? [] : [[label, format(value)]]
}

function signatureOf({ signatureAlgorithm, signatureAlgorithmOid: oid }: Certificate): string {
  return signatureAlgorithm ?? `${oidName(oid) ?? oid} (not supported)`
}

function formatDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z')
}

function remaining({ notBefore, notAfter }: Certificate, now: Date | undefined): string {
  if (now === undefined) return ''
  if (now < notBefore) return ` (not valid yet: begins in ${remainingTime(notBefore.getTime() - now.getTime())})`
  const ms = notAfter.getTime() - now.getTime()
  return ms < 0 ? ` (expired ${remainingTime(-ms)} ago)` : ` (${remainingTime(ms)} left)`
}

function withCritical({ critical }: { readonly critical: boolean }, text: string): string {
  return critical ? `${text} (critical)` : text
}

function describeBasicConstraints(constraints: BasicConstraints): string {
  const { ca, pathLength } = constraints
  const length = pathLength === undefined ? '' : `, path length ${pathLength}`
  return withCritical(constraints, `${ca ? 'CA:TRUE' : 'CA:FALSE'}${length}`)
}

function describeKeyUsage(usage: KeyUsage): string {
  const names = Object.entries(usage).flatMap(([name, isSet]) => (name !== 'critical' && isSet === true ? [name] : []))
  return withCritical(usage, names.join(', '))
}

function describeExtendedKeyUsage(usage: ExtendedKeyUsage): string {
  return withCritical(usage, usage.purposes.join(', '))
}

function nameLines(names: SubjectAltNames | undefined): readonly Line[] {
  if (names === undefined) return []
  const line = (label: string, value: string): Line => [label, withCritical(names, value)]
  const { directoryNameCount, otherNameCount } = names
  return [
    ...names.uris.map((uri) => line('URI name', uri)),
    ...names.dnsNames.map((name) => line('DNS name', name)),
    ...names.emailAddresses.map((address) => line('E-mail address', address)),
    ...names.ipAddresses.map((address) => line('IP address', address)),
    ...(directoryNameCount === 0 ? [] : [line('Directory names', String(directoryNameCount))]),
    ...(otherNameCount === 0 ? [] : [line('Other names', String(otherNameCount))]),
  ]
}
