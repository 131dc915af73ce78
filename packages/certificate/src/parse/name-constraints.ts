import { contextTag, type DerReader, Tag } from '@meshid/der'
import { isDnsName } from '../names/dns-name.ts'
import { ipNetwork, type IpNetwork } from '../names/ip-address.ts'
import { isUriHost } from '../names/uri-host.ts'
import { canonicalParts } from './canonical-name.ts'
import { type DistinguishedName, readDistinguishedName } from './distinguished-name.ts'
import type { CertificateError } from '../errors.ts'
import { invalidExtension, tooMany } from './extension-refusal.ts'
import { MAX_NAME_CONSTRAINTS } from '../limits.ts'

/** One subtree of names, prepared for comparisons. */
export type NameConstraint =
  /** `value` in lower case; empty stands for every name of its kind. */
  | { readonly kind: 'dns' | 'uri'; readonly value: string }
  /** A mailbox (`host` in lower case, `mailbox` as it is), or a host, or with a leading period the hosts below one. */
  | { readonly kind: 'email'; readonly mailbox: string | undefined; readonly value: string }
  | { readonly kind: 'ip'; readonly value: string; readonly network: IpNetwork }
  | { readonly kind: 'directory'; readonly value: string; readonly parts: readonly string[] }
  /** A kind that RFC 5280 gives no rules for: other names, X.400 addresses, EDI parties, registered IDs. */
  | { readonly kind: 'other'; readonly value: string }

/**
 * Which names may stand in the certificates below a CA. Where `permitted` has constraints of a kind, each name of that
 * kind must lie in one of them; none may lie in an `excluded` one.
 *
 * @see RFC 5280 section 4.2.1.10
 */
export interface NameConstraints {
  readonly critical: boolean
  readonly permitted: readonly NameConstraint[]
  readonly excluded: readonly NameConstraint[]
}

const subtrees = {
  permitted: contextTag(0, { constructed: true }),
  excluded: contextTag(1, { constructed: true }),
} as const

/** Reads the value of a name constraints extension; a malformed constraint is refused, because it protects nothing. */
export function readNameConstraints(reader: DerReader, critical: boolean): NameConstraints {
  reader.enter(Tag.sequence)
  const permitted = readSubtrees(reader, subtrees.permitted)
  const excluded = readSubtrees(reader, subtrees.excluded)
  reader.leave()
  if (permitted.length + excluded.length === 0) throw invalid('permitted or excluded subtrees', 'neither')
  if (permitted.length + excluded.length > MAX_NAME_CONSTRAINTS) throw tooMany('nameConstraints', MAX_NAME_CONSTRAINTS)
  return Object.freeze({ critical, permitted, excluded })
}

function readSubtrees(reader: DerReader, tag: number): readonly NameConstraint[] {
  const constraints: NameConstraint[] = []
  if (reader.peek() !== tag) return Object.freeze(constraints)
  reader.enter(tag)
  if (reader.done) throw invalid('at least one subtree', 'none')
  while (!reader.done) {
    if (constraints.length >= MAX_NAME_CONSTRAINTS) throw tooMany('nameConstraints', MAX_NAME_CONSTRAINTS)
    reader.enter(Tag.sequence)
    constraints.push(Object.freeze(readBase(reader)))
    // A minimum other than 0, which DER leaves out, and a maximum are never allowed.
    if (!reader.done) throw invalid('neither minimum nor maximum', 'one of them')
    reader.leave()
  }
  reader.leave()
  return Object.freeze(constraints)
}

function readBase(reader: DerReader): NameConstraint {
  const tag = reader.peek()
  if (tag === contextTag(1)) return emailConstraint(reader.readIa5String(tag))
  if (tag === contextTag(2)) return dnsConstraint(reader.readIa5String(tag))
  if (tag === contextTag(6)) return uriConstraint(reader.readIa5String(tag))
  if (tag === contextTag(7)) return ipConstraint(reader.readOctetString(tag))
  if (tag === contextTag(4, { constructed: true })) {
    reader.enter(tag)
    const name = readDistinguishedName(reader)
    reader.leave()
    return directoryConstraint(name)
  }
  if (![0, 3, 5].some((number) => tag === contextTag(number, { constructed: true })) && tag !== contextTag(8)) {
    throw invalid('a name of RFC 5280', 'another tag')
  }
  reader.skip()
  return { kind: 'other', value: `tag ${tag & 0x1f}` }
}

/** Without a leading period: RFC 5280 has it in URI constraints only, and readers disagree about it elsewhere. */
function dnsConstraint(value: string): NameConstraint {
  if (value !== '' && !isDnsName(value)) throw invalid('a DNS name', 'something else')
  return { kind: 'dns', value: value.toLowerCase() }
}

function uriConstraint(value: string): NameConstraint {
  if (value !== '' && !isUriHost(withoutPeriod(value))) throw invalid('a host or a domain for URIs', 'something else')
  return { kind: 'uri', value: value.toLowerCase() }
}

function emailConstraint(value: string): NameConstraint {
  const parts = value.split('@')
  const host = parts.at(-1) ?? ''
  const mailbox = parts.length === 2 ? parts[0] : undefined
  const isHost = mailbox === undefined ? value === '' || isDnsName(withoutPeriod(host)) : isDnsName(host)
  if (parts.length > 2 || mailbox === '' || !isHost) throw invalid('a mailbox, host or domain', 'something else')
  return { kind: 'email', mailbox, value: host.toLowerCase() }
}

function ipConstraint(bytes: Uint8Array): NameConstraint {
  const network = ipNetwork(bytes)
  if (network === undefined) throw invalid('an IP address and a mask of leading ones', 'something else')
  return { kind: 'ip', value: `${network.address.join('.')}/${network.prefixLength}`, network }
}

function directoryConstraint(name: DistinguishedName): NameConstraint {
  return { kind: 'directory', value: name.text(), parts: canonicalParts(name) }
}

function withoutPeriod(text: string): string {
  return text.startsWith('.') ? text.slice(1) : text
}

function invalid(expected: string, found: string): CertificateError {
  return invalidExtension('nameConstraints', expected, found)
}
