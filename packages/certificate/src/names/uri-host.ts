import { parseIpAddress } from './ip-address.ts'

/**
 * The host of a URI in lower case, judged on its raw text; undefined when it has no authority, an empty host, an IP address as
 * host, or characters that no host name has. User information and port are left out.
 *
 * @see RFC 3986 section 3.2, SPIFFE rule X509-24
 */
export function hostOfUri(uri: string): string | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1]
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '')
  return host !== undefined && isUriHost(host) ? host.toLowerCase() : undefined
}

/** Whether a text is a host name as a URI has it: trust domains may have underscores and odd periods (ID-9), addresses are none. */
export function isUriHost(text: string): boolean {
  return /^[a-z0-9._-]+$/i.test(text) && parseIpAddress(text) === undefined
}
