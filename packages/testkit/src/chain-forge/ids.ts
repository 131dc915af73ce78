import { encodeElement, encodeOid, encodeUtf8String } from '@meshid/der'
import { dropExtension, setExtension } from './certificate.ts'
import type { ChainDraft } from './draft.ts'
import { directoryName, distinguishedName, generalName, subjectAltName } from './extensions.ts'
import { TRUST_DOMAIN } from './good.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid } from './mutation.ts'
import { oids } from '@meshid/der'

const td = `spiffe://${TRUST_DOMAIN}`
const id = `${td}/ns/shop/sa/web`

/** Name constraints of other kinds of names would speak before the rules of IDs do. */
function dropConstraints({ authorities }: ChainDraft): void {
  for (const authority of authorities) dropExtension(authority, oids.nameConstraints)
}

function names(...list: readonly Uint8Array[]): Change {
  return (chain) => {
    dropConstraints(chain)
    setExtension(chain.leaf, subjectAltName(list))
  }
}

const uris = (...list: readonly (string | Uint8Array)[]): Change => names(...list.map((uri) => generalName('uri', uri)))

/** An ID in another trust domain, whose bundle this is. */
function foreign(trustDomain: string): Change {
  return (chain, tools) => {
    chain.trustDomain = trustDomain
    uris(`spiffe://${trustDomain}/ns/shop/sa/web`)(chain, tools)
  }
}

/** What is no SPIFFE ID, or none of a workload, by the rule that says so. */
const badIds: Readonly<Record<string, string | Uint8Array>> = {
  'scheme https (ID-2)': `https://${TRUST_DOMAIN}/ns/shop/sa/web`,
  'scheme in upper case (ID-17)': `SPIFFE://${TRUST_DOMAIN}/ns/shop/sa/web`,
  'no authority (ID-1)': `spiffe:/ns/shop/sa/web`,
  'a query (ID-3)': `${id}?a=b`,
  'an empty query (ID-3)': `${id}?`,
  'a fragment (ID-4)': `${id}#a`,
  'an empty fragment (ID-4)': `${id}#`,
  'an empty trust domain (ID-5)': 'spiffe:///ns/shop/sa/web',
  'user information (ID-6)': `spiffe://root@${TRUST_DOMAIN}/web`,
  'empty user information (ID-6)': `spiffe://@${TRUST_DOMAIN}/web`,
  'a port (ID-7)': `${td}:8443/web`,
  'an empty port (ID-7)': `${td}:/web`,
  'a trust domain in upper case (ID-8)': 'spiffe://TD.test/web',
  'a percent-encoded trust domain (ID-10)': 'spiffe://td%2etest/web',
  'an IPv6 address (ID-11)': 'spiffe://[::1]/web',
  'a percent-encoded path (ID-13)': `${td}/%77eb`,
  'an empty segment (ID-14)': `${td}/ns//sa/web`,
  'a segment of one period (ID-14)': `${td}/ns/./web`,
  'a segment of two periods (ID-14)': `${td}/ns/../web`,
  'a trailing slash (ID-15)': `${id}/`,
  'only a slash as path (ID-15)': `${td}/`,
  'a colon in a segment (ID-16)': `${td}/ns/shop:web`,
  'an asterisk in a segment (ID-16)': `${td}/ns/*`,
  'a tilde in a segment (ID-16)': `${td}/~web`,
  'no path (X509-7)': td,
}

/** What no URI of RFC 5280 can be: refused before anybody asks for an ID. */
const badUris: Readonly<Record<string, string | Uint8Array>> = {
  'an empty URI': '',
  'a space': `${td}/a b`,
  'a line feed': `${id}\n`,
  'a NUL octet': `${id}\0.evil`,
  'letters outside of ASCII': `${td}/wéb`,
  'an octet above 0x7f': new Uint8Array([...new TextEncoder().encode(`${td}/w`), 0xe9]),
}

const goodIds: Readonly<Record<string, string>> = {
  'a segment of three periods (ID-14)': `${td}/.../web`,
  'upper case, digits, underscore and hyphen in the path (ID-16)': `${td}/A_b-9/Web`,
  '2048 octets (ID-23)': `${td}/`.padEnd(2048, 'a'),
}

const otherName = encodeElement(0xa0, encodeOid('1.3.6.1.5.5.7.8.5'), encodeElement(0xa0, encodeUtf8String('web')))
const uriName = generalName('uri', id)

/** Kinds of names beside the ID, which do not count. */
const beside: Readonly<Record<string, Uint8Array>> = {
  'a directory name': directoryName(distinguishedName('web')),
  'a registered ID': generalName('registeredId', Uint8Array.of(0x2a, 3)),
  'an other name': otherName,
  'an IPv6 address': generalName('ip', new Uint8Array(16).fill(1)),
}

const badNames: Readonly<Record<string, Uint8Array>> = {
  'an IP address of 5 octets': generalName('ip', new Uint8Array(5)),
  'an empty DNS name': generalName('dns', ''),
  'a name of tag 9': encodeElement(0x89, Uint8Array.of(1)),
  'a DNS name with an octet above 0x7f': generalName('dns', Uint8Array.of(0x61, 0xe9)),
}

/** Changes of the leaf's names: IDs that break the rules, several, none. */
export const idMutations: readonly ChainMutation[] = [
  ...Object.entries(badIds).map(([what, uri]) => refusedAsSvid(`leaf ID: ${what}`, uris(uri))),
  ...Object.entries(badUris).map(([what, uri]) => refused(`leaf ID: ${what}`, uris(uri))),
  ...Object.entries(goodIds).map(([what, uri]) => accepted(`leaf ID: ${what}`, uris(uri))),
  refusedAsSvid('leaf ID: 2049 octets (ID-26)', uris(`${td}/`.padEnd(2049, 'a'))),
  ...['10.0.0.1', 'td_test', 'td.', 'a..b', '-', 'xn--td', '0x7f.1'].map((name) =>
    accepted(`leaf ID: trust domain ${name} (ID-9, ID-12)`, foreign(name)),
  ),
  refusedAsSvid('leaf ID: another trust domain than the bundle (X509-28)', uris('spiffe://other.test/web')),
  refusedAsSvid('leaf ID: a trust domain below that of the bundle (X509-28)', uris(`spiffe://a.${TRUST_DOMAIN}/web`)),
  refusedAsSvid('leaf names: two SPIFFE IDs (X509-2)', uris(id, `${td}/ns/shop/sa/voting`)),
  refusedAsSvid('leaf names: the same SPIFFE ID twice (X509-2)', uris(id, id)),
  refusedAsSvid('leaf names: a SPIFFE ID and an https URI (X509-2)', uris(id, `https://${TRUST_DOMAIN}/`)),
  refusedAsSvid('leaf names: DNS only (X509-3)', names(generalName('dns', `web.${TRUST_DOMAIN}`))),
  refused('leaf names: none', names()),
  ...Object.entries(beside).map(([what, name]) => accepted(`leaf names: ${what} too (X509-4)`, names(name, uriName))),
  ...Object.entries(badNames).map(([what, name]) => refused(`leaf names: ${what} too`, names(name, uriName))),
  refusedAsSvid('leaf names: only a common name (X509-3)', ({ leaf }) => {
    dropExtension(leaf, oids.subjectAltName)
    leaf.subject = distinguishedName(id)
  }),
  refusedAsSvid('leaf names: not critical beside an empty subject (X509-8)', (chain, tools) => {
    uris(id)(chain, tools)
    setExtension(chain.leaf, subjectAltName([uriName], false))
    chain.leaf.subject = distinguishedName()
  }),
  refused('leaf names: 513 of them', (chain, tools) => {
    const hosts = Array.from({ length: 512 }, (_, index) => generalName('dns', `h${index}.${TRUST_DOMAIN}`))
    names(uriName, ...hosts)(chain, tools)
  }),
]
