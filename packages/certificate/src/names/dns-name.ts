/** Longest DNS name in text (RFC 1035 section 2.3.4, without the root's period). */
export const MAX_DNS_NAME_LENGTH = 253

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Whether a text is a DNS name in the preferred syntax: labels of letters, digits and inner hyphens, no final period.
 *
 * @see RFC 1034 section 3.5, RFC 1123 section 2.1
 */
export function isDnsName(text: string): boolean {
  return text.length <= MAX_DNS_NAME_LENGTH && text.split('.').every((part) => label.test(part))
}

/** The name under the wildcard of `*.name`, or undefined: only the whole first label can be a wildcard (RFC 9525 section 6.3). */
export function wildcardBase(text: string): string | undefined {
  if (!text.startsWith('*.')) return undefined
  const base = text.slice(2)
  return isDnsName(base) ? base : undefined
}

/** Whether `name` is `domain` or has more labels to its left; both in lower case. The empty domain has all names. */
export function isInDomain(name: string, domain: string): boolean {
  return domain === '' || name === domain || name.endsWith(`.${domain}`)
}
