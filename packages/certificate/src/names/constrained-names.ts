import { oids } from '@meshid/der'
import { canonicalParts } from '../parse/canonical-name.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { DistinguishedName } from '../parse/distinguished-name.ts'
import { isDnsName, wildcardBase } from './dns-name.ts'
import { parseIpAddress } from './ip-address.ts'
import { hostOfUri } from './uri-host.ts'

/** One name of a certificate, prepared for comparisons; `value` is what the certificate says. */
export type ConstrainedName =
  /** `name` in lower case, without the wildcard label; undefined when it is malformed. */
  | {
      readonly kind: 'dns'
      readonly value: string
      readonly name: string | undefined
      readonly isWildcard: boolean
    }
  /** `host` in lower case; undefined when there is none or an IP address in its place. */
  | { readonly kind: 'uri'; readonly value: string; readonly host: string | undefined }
  /** `host` in lower case; undefined when the address is malformed. */
  | { readonly kind: 'email'; readonly value: string; readonly mailbox: string; readonly host: string | undefined }
  | { readonly kind: 'ip'; readonly value: string; readonly address: Uint8Array }
  | { readonly kind: 'directory'; readonly value: string; readonly parts: readonly string[] }
  | { readonly kind: 'other'; readonly value: string }

/**
 * Every name that constraints speak of: the subject alternative names, the subject, and the e-mail addresses that stand in the
 * subject for want of a better place. A common name is never taken for a DNS name.
 *
 * @see RFC 5280 section 4.2.1.10
 */
export function constrainedNamesOf({ subject, subjectAltNames }: Certificate): readonly ConstrainedName[] {
  const names = [...(subject.isEmpty ? [] : subjectNames(subject))]
  if (subjectAltNames === undefined) return names
  for (const value of subjectAltNames.dnsNames) names.push(dnsName(value))
  for (const value of subjectAltNames.uris) names.push({ kind: 'uri', value, host: hostOfUri(value) })
  for (const value of subjectAltNames.emailAddresses) names.push(emailName(value))
  for (const value of subjectAltNames.ipAddresses) {
    names.push({ kind: 'ip', value, address: parseIpAddress(value) ?? new Uint8Array() })
  }
  for (const name of subjectAltNames.directoryNames) names.push(directoryName(name))
  if (subjectAltNames.otherNameCount > 0) names.push({ kind: 'other', value: 'a name of another kind' })
  return names
}

function subjectNames(subject: DistinguishedName): readonly ConstrainedName[] {
  const addresses = subject.attributes.filter(({ type }) => type === oids.emailAddress)
  return [directoryName(subject), ...addresses.map(({ value }) => emailName(value))]
}

function directoryName(name: DistinguishedName): ConstrainedName {
  return { kind: 'directory', value: name.text(), parts: canonicalParts(name) }
}

function dnsName(value: string): ConstrainedName {
  const base = wildcardBase(value)
  const name = base ?? (isDnsName(value) ? value : undefined)
  return { kind: 'dns', value, name: name?.toLowerCase(), isWildcard: base !== undefined }
}

function emailName(value: string): ConstrainedName {
  const [mailbox = '', host = '', ...rest] = value.split('@')
  const isWellFormed = mailbox !== '' && isDnsName(host) && rest.length === 0
  return { kind: 'email', value, mailbox, host: isWellFormed ? host.toLowerCase() : undefined }
}
