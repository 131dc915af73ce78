import type { NameConstraint } from '../parse/name-constraints.ts'
import type { ConstrainedName } from './constrained-names.ts'
import { isInDomain } from './dns-name.ts'
import { isInNetwork } from './ip-address.ts'

/**
 * Where a name lies: wholly in a subtree, wholly outside, or neither for sure, as a wildcard with some of its names or a
 * malformed name. What is not inside is not permitted; what is not outside is excluded.
 */
export type NameRelation = 'inside' | 'uncertain' | 'outside'

/** How a name lies to a constraint of the same kind; of another kind it has nothing to do with it. */
export function nameRelation(name: ConstrainedName, constraint: NameConstraint): NameRelation {
  if (name.kind === 'dns' && constraint.kind === 'dns') return dnsRelation(name, constraint.value)
  if (name.kind === 'uri' && constraint.kind === 'uri') return hostRelation(name.host, constraint.value)
  if (name.kind === 'email' && constraint.kind === 'email') return emailRelation(name, constraint)
  if (name.kind === 'ip' && constraint.kind === 'ip') return within(isInNetwork(name.address, constraint.network))
  if (name.kind === 'directory' && constraint.kind === 'directory') {
    return within(constraint.parts.every((part, at) => part === name.parts[at]))
  }
  return 'outside'
}

function within(isInside: boolean): NameRelation {
  return isInside ? 'inside' : 'outside'
}

type DnsName = Extract<ConstrainedName, { kind: 'dns' }>

/** A wildcard stands for one label: `*.a.test` lies in `a.test`, has a name in common with `b.a.test`, and none with `c.b.a.test`. */
function dnsRelation({ name, isWildcard }: DnsName, domain: string): NameRelation {
  if (name === undefined) return 'uncertain'
  if (isInDomain(name, domain)) return 'inside'
  if (!isWildcard || !domain.endsWith(`.${name}`)) return 'outside'
  return domain.slice(0, -name.length - 1).includes('.') ? 'outside' : 'uncertain'
}

/** `a.test` is that host only, `.a.test` the hosts below it (X509-24). */
function hostRelation(host: string | undefined, value: string): NameRelation {
  if (host === undefined) return 'uncertain'
  if (value === '') return 'inside'
  return within(value.startsWith('.') ? host.length > value.length && host.endsWith(value) : host === value)
}

type EmailName = Extract<ConstrainedName, { kind: 'email' }>
type EmailConstraint = Extract<NameConstraint, { kind: 'email' }>

/** Mailboxes differ by letter case, at least for their host's mail server, so another case is neither in nor out. */
function emailRelation({ mailbox, host }: EmailName, constraint: EmailConstraint): NameRelation {
  const byHost = hostRelation(host, constraint.value)
  if (constraint.mailbox === undefined || byHost !== 'inside') return byHost
  if (mailbox === constraint.mailbox) return 'inside'
  return mailbox.toLowerCase() === constraint.mailbox.toLowerCase() ? 'uncertain' : 'outside'
}
