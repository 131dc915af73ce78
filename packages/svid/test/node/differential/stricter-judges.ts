import type { ExpectedDisagreement, JudgeName } from './expected-disagreement.ts'

const go: readonly JudgeName[] = ['crypto/x509', 'go-spiffe']

/** What others refuse and meshid accepts: what nobody needs to refuse. */
export const stricterJudges: readonly ExpectedDisagreement[] = [
  {
    judges: ['openssl'],
    labels: ['leaf: notAfter is now', 'issuer: notAfter is now', 'root: notAfter is now'],
    reason: 'counts the last second of validity as over; for X509_cmp_time equal is earlier',
    source: 'RFC 5280 section 4.1.2.5 (inclusive), X509_cmp_time(3)',
  },
  {
    judges: ['openssl'],
    labels: [
      'leaf: no authority key identifier',
      'issuer: no authority key identifier',
      'issuer: no subject key identifier',
      'root: no subject key identifier',
      'leaf: authority key identifier by issuer and serial number',
      'leaf: version 3 without extensions',
    ],
    reason: '-x509_strict holds validators to what only issuers must do: set key identifiers',
    source: 'RFC 5280 sections 4.2.1.1 and 4.2.1.2, openssl-verification-options(1)',
  },
  {
    judges: ['openssl'],
    labels: [
      'leaf: authority key identifier of another key',
      'leaf: authority key identifier with another serial number',
      'issuer: subject key identifier of another key',
    ],
    reason: 'takes key identifiers for law; for path building they are hints, and the signature is good',
    source: 'RFC 4158 section 3.5.12, RFC 5280 section 6.1 (no such check)',
  },
  {
    judges: ['openssl'],
    labels: ['issuer: basic constraints are not critical', 'root: no key usage'],
    reason: '-x509_strict holds validators to what only issuers must do',
    source: 'RFC 5280 sections 4.2.1.3 and 4.2.1.9; SPIFFE X509-17 asks it of SVIDs only',
  },
  {
    judges: ['openssl'],
    labels: ['leaf names: not critical beside an empty subject (X509-8)'],
    reason: '-x509_strict: verifyChain leaves it to verifySvid, which refuses it',
    source: 'RFC 5280 section 4.1.2.6, SPIFFE X509-8',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: any extended key usage', 'issuer: any extended key usage'],
    reason: 'does not take anyExtendedKeyUsage for the purpose of TLS',
    source: 'RFC 5280 section 4.2.1.12 (may), SPIFFE X509-21',
  },
  {
    judges: ['openssl'],
    labels: [
      'cross-signed: two CAs that signed each other, and a root',
      'pool: another key under the name of the issuer first, no key identifiers',
    ],
    reason: 'tries one path: takes the first issuer of the name and does not come back',
    source: 'RFC 4158 section 2.2; openssl-verify(1)',
  },
  {
    judges: go,
    labels: ['root: path length is exhausted, but for a self-issued CA'],
    reason: 'counts self-issued CAs against the path length',
    source: 'RFC 5280 section 6.1.4 (l)',
  },
  {
    judges: go,
    labels: ['constraints: URI td.test excluded, leaf in a.td.test'],
    reason: 'takes a host for the domain of all hosts below it, as with DNS names',
    source: 'RFC 5280 section 4.2.1.10, SPIFFE X509-24',
  },
  {
    judges: go,
    labels: ['constraints: registered ID permitted, leaf has none'],
    reason: 'does not know this kind of critical constraint; meshid refuses it only where such a name is',
    source: 'RFC 5280 section 4.2.1.10',
  },
  {
    judges: go,
    labels: ['leaf ID: trust domain a..b (ID-9, ID-12)', 'leaf ID: trust domain td. (ID-9, ID-12)'],
    reason: 'wants the host of a URI to be a DNS name',
    source: 'SPIFFE ID-9, ID-12, X509-5',
  },
  {
    judges: ['crypto/x509'],
    labels: ['leaf ID: a percent-encoded trust domain (ID-10)'],
    reason: 'wants net/url to read the URI; verifyChain leaves IDs to verifySvid, which refuses it',
    source: 'SPIFFE ID-10',
  },
  {
    judges: ['openssl', 'crypto/x509'],
    labels: ['leaf: point that is not on the curve'],
    reason:
      "decode the leaf's key; verifyChain leaves that to verifySvid, which refuses it, and to the proof of possession",
    source: 'RFC 5280 section 6.1 (no such check); docs/decisions/0037',
  },
]
