import type { ExpectedDisagreement, JudgeName } from './expected-disagreement.ts'

const all: readonly JudgeName[] = ['openssl', 'crypto/x509', 'go-spiffe']
const go: readonly JudgeName[] = ['crypto/x509', 'go-spiffe']

/** What others accept and meshid refuses: what nobody must accept. */
export const laxerJudges: readonly ExpectedDisagreement[] = [
  // Anchors, pools and limits
  {
    judges: all,
    labels: ['bundle: the leaf itself (X509-33)', 'bundle: the leaf itself, which signed itself (X509-33)'],
    reason: 'take any certificate of the bundle for the end of the path; meshid wants a CA there',
    source: 'SPIFFE X509-14, X509-33',
  },
  {
    judges: all,
    labels: ['pool: twelve certificates', 'leaf names: 513 of them', 'leaf: 40 extensions'],
    reason: 'have other limits: meshid stops at MAX_CHAIN_CERTIFICATES, MAX_SUBJECT_ALT_NAMES and MAX_EXTENSIONS',
    source: 'SPIFFE X509-30, decision 0013',
  },
  {
    judges: ['openssl'],
    labels: ['pool: octets that are no certificate'],
    reason: 'leaves out what it cannot read; for meshid, as for crypto/tls, the chain is broken',
    source: 'SPIFFE X509-35',
  },
  {
    judges: ['crypto/x509'],
    labels: ['leaf is the issuer', 'leaf is the root', 'leaf: is a CA', 'leaf: key usage keyCertSign'],
    reason: 'does not ask whether the leaf is a CA',
    source: 'SPIFFE X509-15, X509-18',
  },
  { judges: ['openssl'], labels: ['leaf: is a CA'], reason: 'lets CAs be peers', source: 'SPIFFE X509-15' },

  // Keys and algorithms
  {
    judges: all,
    labels: ['issuer: key of P-521', 'leaf: key of P-521', 'leaf: key of Ed448', 'leaf: signed with RSA-PSS'],
    reason: 'know algorithms that meshid does not (crypto/x509 does not look at keys that it does not know)',
    source: 'SPIFFE ISS-7; algorithms of @meshid/keys',
  },
  {
    judges: ['openssl'],
    labels: ['issuer: key of secp256k1', 'leaf: key of secp256k1'],
    reason: 'knows a curve that meshid does not',
    source: 'SPIFFE ISS-7; algorithms of @meshid/keys',
  },
  {
    judges: go,
    labels: ['leaf: RSA key of 1024 bits', 'issuer: RSA key of 1024 bits'],
    reason: 'accepts RSA from 1024 bits on',
    source: 'SP 800-131A revision 2 section 3',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: compressed point', 'leaf: RSA key without parameters'],
    reason: 'reads other forms of a public key',
    source: 'RFC 5480 section 2.2 (may be supported), RFC 3279 section 2.3.1 (parameters are NULL)',
  },
  {
    judges: all,
    labels: ['leaf: ECDSA algorithm has NULL parameters'],
    reason: 'read the algorithm and not its parameters',
    source: 'RFC 5758 section 3.2',
  },

  // Powers
  {
    judges: all,
    labels: ['leaf: key usage without digitalSignature'],
    reason: 'are content with keyAgreement (OpenSSL) or do not look at the key usage of leaves (Go)',
    source: 'SPIFFE X509-18, RFC 8446 section 4.4.2.2',
  },
  {
    judges: ['go-spiffe'],
    labels: ['leaf: no key usage'],
    reason: 'looks for prohibited bits only',
    source: 'SPIFFE X509-17',
  },
  {
    judges: go,
    labels: ['issuer: no key usage'],
    reason: 'wants keyCertSign of an intermediate only if it has a key usage',
    source: 'RFC 5280 section 4.2.1.3, SPIFFE X509-19',
  },
  {
    judges: ['go-spiffe'],
    labels: [
      'leaf: extended key usage codeSigning',
      'leaf: extended key usage of the other side only',
      'issuer: extended key usage of the other side only',
      'root: extended key usage codeSigning',
      'root: extended key usage of the other side only',
    ],
    reason: 'asks for any extended key usage',
    source: 'RFC 5280 section 4.2.1.12, SPIFFE X509-21',
  },
  {
    judges: go,
    labels: ['root: version 1'],
    reason: 'takes an anchor of version 1, which cannot say that it is a CA, for one',
    source: 'SPIFFE X509-14, RFC 5280 section 6.1.4 (k)',
  },
  {
    judges: ['openssl'],
    labels: ['issuer: demands an explicit policy'],
    reason: 'looks at policies only with -policy_check',
    source: 'RFC 5280 section 4.2.1.11, openssl-verification-options(1)',
  },

  // SPIFFE IDs and the names beside them
  {
    judges: ['go-spiffe'],
    labels: ['leaf ID: scheme in upper case (ID-17)', 'leaf ID: an empty fragment (ID-4)'],
    reason: 'judges the ID after net/url has normalised it',
    source: 'SPIFFE X509-5',
  },
  {
    judges: ['go-spiffe'],
    labels: ['leaf ID: no path (X509-7)'],
    reason: 'asks for a path only of its own SVID, when it loads it',
    source: 'SPIFFE X509-7; spiffe/go-spiffe#405',
  },
  { judges: ['go-spiffe'], labels: ['leaf ID: 2049 octets (ID-26)'], reason: 'has no limit', source: 'SPIFFE ID-26' },
  {
    judges: ['go-spiffe'],
    labels: ['leaf names: not critical beside an empty subject (X509-8)'],
    reason: 'does not ask whether the names are critical',
    source: 'SPIFFE X509-8',
  },
  {
    judges: ['openssl', 'crypto/x509'],
    labels: ['leaf ID: a space', 'leaf ID: an empty URI'],
    reason: 'do not ask whether a URI is one (crypto/x509: less than RFC 3986 does)',
    source: 'RFC 5280 section 4.2.1.6',
  },
  {
    judges: ['openssl'],
    labels: [
      'leaf ID: a NUL octet',
      'leaf ID: a line feed',
      'leaf ID: an octet above 0x7f',
      'leaf ID: letters outside of ASCII',
      'leaf names: a DNS name with an octet above 0x7f too',
      'leaf names: an IP address of 5 octets too',
    ],
    reason: 'reads the octets of names only when it compares them',
    source: 'RFC 5280 section 4.2.1.6',
  },
  {
    judges: all,
    labels: ['leaf names: an empty DNS name too'],
    reason: 'let a DNS name be empty',
    source: 'RFC 5280 section 4.2.1.6',
  },
  {
    judges: go,
    labels: ['leaf names: a name of tag 9 too'],
    reason: 'passes over names with a tag that does not exist',
    source: 'RFC 5280 section 4.2.1.6',
  },

  // Name constraints
  {
    judges: go,
    labels: ['constraints: URI td.test permitted, leaf in a.td.test'],
    reason: 'takes a host for the domain of all hosts below it, as with DNS names',
    source: 'RFC 5280 section 4.2.1.10, SPIFFE X509-24',
  },
  {
    judges: go,
    labels: ['constraints: e-mail td.test permitted, leaf web@a.td.test'],
    reason: 'takes a host for the domain of all hosts below it',
    source: 'RFC 5280 section 4.2.1.10',
  },
  {
    judges: all,
    labels: ['constraints: DNS .td.test with a period', 'constraints: DNS permitted, leaf has an underscore'],
    reason: 'read DNS names that are none, each in its own way',
    source: 'RFC 5280 section 4.2.1.10, RFC 1034 section 3.5',
  },
  {
    judges: ['openssl'],
    labels: ['constraints: DNS web.td.test excluded, leaf *.td.test'],
    reason: 'compares a wildcard as text, so that it covers the excluded name',
    source: 'RFC 5280 section 4.2.1.10, RFC 9525 section 6.3',
  },
  {
    judges: ['openssl'],
    labels: ['constraints: URI other.test excluded, leaf in 10.0.0.1'],
    reason: 'compares an address as the name of a host; a URI with one must be refused',
    source: 'RFC 5280 section 4.2.1.10, SPIFFE X509-24',
  },
  {
    judges: ['openssl'],
    labels: ['constraints: IP with a mask of holes'],
    reason: 'takes any octets for a mask',
    source: 'RFC 5280 section 4.2.1.10, RFC 4632',
  },
  {
    judges: ['openssl'],
    labels: ['constraints: empty', 'constraints: an empty list of permitted names'],
    reason: 'lets the extension say nothing',
    source: 'RFC 5280 section 4.2.1.10',
  },
  {
    judges: go,
    labels: ['constraints: minimum 1', 'constraints: maximum 1'],
    reason: 'passes over minimum and maximum',
    source: 'RFC 5280 section 4.2.1.10',
  },
  {
    judges: all,
    labels: ['constraints: on the leaf'],
    reason: 'do not ask whether the certificate is a CA',
    source: 'RFC 5280 section 4.2.1.10',
  },

  // Issuer and subject
  {
    judges: go,
    labels: ['issuer and leaf: the empty name'],
    reason: 'lets an issuer have no name',
    source: 'RFC 5280 section 4.1.2.4',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: issuer in another type of string', 'leaf: issuer in upper case', 'leaf: issuer with more spaces'],
    reason: 'compares names in a canonical form, as RFC 5280 has it; meshid and Go by octets, as all issuers copy them',
    source: 'RFC 5280 section 7.1, X509-26',
  },
  {
    judges: all,
    labels: ['leaf subject: an empty part', 'leaf subject: a part that is not sorted'],
    reason: 'do not look inside of names in this way',
    source: 'RFC 5280 section 4.1.2.4 (SIZE 1..MAX), X.690 section 11.6',
  },
  {
    judges: ['openssl'],
    labels: ['leaf subject: a PrintableString with an @'],
    reason: 'does not look at the characters of strings',
    source: 'X.680 section 41.4',
  },
]
