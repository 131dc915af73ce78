import { encodeElement, encodeOctetString, encodeOid, encodeSequence, oids } from '@meshid/der'
import { type CertificateDraft, dropExtension, setExtension } from './certificate.ts'
import { type ChainDraft, issuerOf, rootOf } from './draft.ts'
import {
  directoryName,
  distinguishedName,
  extension,
  type ForgedSubtrees,
  generalName,
  nameConstraints,
  subjectAltName,
} from './extensions.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid } from './mutation.ts'

const uri = (value: string): Uint8Array => generalName('uri', value)
const dns = (value: string): Uint8Array => generalName('dns', value)
const email = (value: string): Uint8Array => generalName('email', value)
const ip = (...octets: readonly number[]): Uint8Array => generalName('ip', Uint8Array.from(octets))

/** Only what the test says is constrained, and no CA has a name of its own in the way. */
function clear({ authorities }: ChainDraft): void {
  for (const authority of authorities) {
    dropExtension(authority, oids.nameConstraints)
    dropExtension(authority, oids.subjectAltName)
  }
}

/** What the root constrains, and what the leaf is called: a SPIFFE ID in the bundle's trust domain and other names. */
function below(subtrees: ForgedSubtrees, trustDomain = 'td.test', ...others: readonly Uint8Array[]): Change {
  return (chain) => {
    clear(chain)
    chain.trustDomain = trustDomain
    setExtension(rootOf(chain), nameConstraints(subtrees))
    setExtension(chain.leaf, subjectAltName([uri(`spiffe://${trustDomain}/ns/shop/sa/web`), ...others]))
  }
}

const permitted = (...names: readonly Uint8Array[]): ForgedSubtrees => ({ permitted: names })
const excluded = (...names: readonly Uint8Array[]): ForgedSubtrees => ({ excluded: names })

/** Hosts of URIs (X509-24). */
const uriConstraints: readonly ChainMutation[] = [
  accepted('constraints: URI td.test permitted, leaf in td.test', below(permitted(uri('td.test')))),
  accepted('constraints: URI TD.TEST permitted, leaf in td.test', below(permitted(uri('TD.TEST')))),
  refused('constraints: URI td.test permitted, leaf in a.td.test', below(permitted(uri('td.test')), 'a.td.test')),
  accepted('constraints: URI .td.test permitted, leaf in a.td.test', below(permitted(uri('.td.test')), 'a.td.test')),
  accepted(
    'constraints: URI .td.test permitted, leaf in b.a.td.test',
    below(permitted(uri('.td.test')), 'b.a.td.test'),
  ),
  refused('constraints: URI .td.test permitted, leaf in td.test', below(permitted(uri('.td.test')))),
  refused('constraints: URI other.test permitted, leaf in td.test', below(permitted(uri('other.test')))),
  refused('constraints: URI td.test permitted, leaf in evil-td.test', below(permitted(uri('td.test')), 'evil-td.test')),
  refused('constraints: URI td.test excluded, leaf in td.test', below(excluded(uri('td.test')))),
  accepted('constraints: URI td.test excluded, leaf in a.td.test', below(excluded(uri('td.test')), 'a.td.test')),
  refused('constraints: URI .td.test excluded, leaf in a.td.test', below(excluded(uri('.td.test')), 'a.td.test')),
  accepted('constraints: URI .td.test excluded, leaf in td.test', below(excluded(uri('.td.test')))),
  refused('constraints: URI td.test permitted, leaf in 10.0.0.1', below(permitted(uri('td.test')), '10.0.0.1')),
  refused('constraints: URI other.test excluded, leaf in 10.0.0.1', below(excluded(uri('other.test')), '10.0.0.1')),
  refused(
    'constraints: URI not critical, leaf in another host',
    below({ permitted: [uri('other.test')], critical: false }),
  ),
  refusedAsSvid('constraints: URI permitted, leaf has only a DNS name', (chain, tools) => {
    below(permitted(uri('other.test')))(chain, tools)
    setExtension(chain.leaf, subjectAltName([dns('web.other.test')]))
  }),
]

/** Names of other kinds, which stand beside the SPIFFE ID (X509-25). */
const otherConstraints: readonly ChainMutation[] = [
  accepted(
    'constraints: DNS td.test permitted, leaf web.td.test',
    below(permitted(dns('td.test')), 'td.test', dns('web.td.test')),
  ),
  refused(
    'constraints: DNS td.test permitted, leaf web.evil-td.test',
    below(permitted(dns('td.test')), 'td.test', dns('web.evil-td.test')),
  ),
  refused(
    'constraints: DNS td.test excluded, leaf web.td.test',
    below(excluded(dns('td.test')), 'td.test', dns('web.td.test')),
  ),
  refused(
    'constraints: DNS td.test excluded, leaf WEB.TD.TEST',
    below(excluded(dns('td.test')), 'td.test', dns('WEB.TD.TEST')),
  ),
  refused(
    'constraints: DNS web.td.test excluded, leaf *.td.test',
    below(excluded(dns('web.td.test')), 'td.test', dns('*.td.test')),
  ),
  refused('constraints: DNS .td.test with a period', below(permitted(dns('.td.test')), 'td.test', dns('web.td.test'))),
  refused('constraints: DNS permitted, leaf is no DNS name', below(permitted(dns('td.test')), 'td.test', dns('we b'))),
  refused(
    'constraints: DNS permitted, leaf has an underscore',
    below(permitted(dns('td.test')), 'td.test', dns('_a.td.test')),
  ),
  accepted(
    'constraints: IP 10/8 permitted, leaf 10.0.0.1',
    below(permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)), 'td.test', ip(10, 0, 0, 1)),
  ),
  refused(
    'constraints: IP 10/8 permitted, leaf 11.0.0.1',
    below(permitted(ip(10, 0, 0, 0, 255, 0, 0, 0)), 'td.test', ip(11, 0, 0, 1)),
  ),
  refused(
    'constraints: IP 10/8 excluded, leaf 10.0.0.1',
    below(excluded(ip(10, 0, 0, 0, 255, 0, 0, 0)), 'td.test', ip(10, 0, 0, 1)),
  ),
  refused(
    'constraints: IP with a mask of holes',
    below(permitted(ip(10, 0, 0, 0, 255, 0, 255, 0)), 'td.test', ip(10, 0, 0, 1)),
  ),
  accepted(
    'constraints: e-mail td.test permitted, leaf web@td.test',
    below(permitted(email('td.test')), 'td.test', email('web@td.test')),
  ),
  refused(
    'constraints: e-mail td.test permitted, leaf web@a.td.test',
    below(permitted(email('td.test')), 'td.test', email('web@a.td.test')),
  ),
  refused(
    'constraints: e-mail web@td.test excluded, leaf web@td.test',
    below(excluded(email('web@td.test')), 'td.test', email('web@td.test')),
  ),
  accepted(
    'constraints: registered ID permitted, leaf has none',
    below(permitted(generalName('registeredId', Uint8Array.of(0x2a, 3)))),
  ),
  refused(
    'constraints: registered ID permitted, leaf has one',
    below(
      permitted(generalName('registeredId', Uint8Array.of(0x2a, 3))),
      'td.test',
      generalName('registeredId', Uint8Array.of(0x2a, 3)),
    ),
  ),
]

/** A leaf whose subject is `web`, below CAs that are called what they are called. */
function directory(subtrees: ForgedSubtrees): Change {
  return (chain, tools) => {
    below(subtrees)(chain, tools)
    chain.leaf.subject = distinguishedName('web')
  }
}

const web = directoryName(distinguishedName('web'))
const WEB = directoryName(distinguishedName('WEB'))

/** Directory names, which the subjects are. Intermediates have other names, so there are none in these. */
const directoryConstraints: readonly ChainMutation[] = [
  refused('constraints: directory name of the leaf excluded', directory(excluded(web))),
  refused('constraints: directory name of the leaf excluded, in upper case', directory(excluded(WEB))),
  refused(
    'constraints: another directory name permitted',
    directory(permitted(directoryName(distinguishedName('voting')))),
  ),
]

/** The extension as a whole, with this value, on the root. */
const value =
  (content: Uint8Array, critical = true): Change =>
  (chain) => {
    clear(chain)
    setExtension(rootOf(chain), extension(oids.nameConstraints, content, critical))
  }

const subtree = (...parts: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(encodeElement(0xa0, encodeSequence(...parts)))

/** How the extension is written, and who may have it. */
const forms: readonly ChainMutation[] = [
  refused('constraints: empty', value(encodeSequence())),
  refused('constraints: an empty list of permitted names', value(encodeSequence(encodeElement(0xa0)))),
  refused('constraints: minimum 1', value(subtree(uri('td.test'), encodeElement(0x80, Uint8Array.of(1))))),
  refused('constraints: maximum 1', value(subtree(uri('td.test'), encodeElement(0x81, Uint8Array.of(1))))),
  refused('constraints: a URI in place of a host', value(subtree(uri('spiffe://td.test')))),
  refused('constraints: not DER', value(encodeOctetString(encodeOid('1.2.3')))),
  refused('constraints: on the leaf', (chain) => {
    clear(chain)
    setExtension(chain.leaf, nameConstraints(permitted(uri('td.test'))))
  }),
]

const named = (draft: CertificateDraft, name: string): void => setExtension(draft, subjectAltName([uri(name)], false))

/** Constraints and the names of CAs. */
const authorityConstraints: readonly ChainMutation[] = [
  accepted('constraints: a CA that does not keep its own', (chain, tools) => {
    below(permitted(uri('td.test')))(chain, tools)
    named(rootOf(chain), 'spiffe://other.test')
  }),
  refused(
    'constraints: an intermediate that does not keep those of the root',
    (chain, tools) => {
      below(permitted(uri('td.test')))(chain, tools)
      named(issuerOf(chain), 'spiffe://other.test')
    },
    1,
  ),
  refused(
    'constraints: of an intermediate',
    (chain) => {
      clear(chain)
      setExtension(issuerOf(chain), nameConstraints(permitted(uri('other.test'))))
    },
    1,
  ),
]

/** Changes of name constraints and of the names that they are about. */
export const constraintMutations: readonly ChainMutation[] = [
  ...uriConstraints,
  ...otherConstraints,
  ...directoryConstraints,
  ...forms,
  ...authorityConstraints,
]
