import type { ExpectedDisagreement, JudgeName } from './expected-disagreement.ts'

const all: readonly JudgeName[] = ['openssl', 'crypto/x509', 'go-spiffe']
const go: readonly JudgeName[] = ['crypto/x509', 'go-spiffe']

/** What others read and meshid does not: what is no DER, or not of RFC 5280's form. */
export const laxerReaders: readonly ExpectedDisagreement[] = [
  {
    judges: all,
    labels: ['leaf: serial number 0', 'issuer: serial number 0', 'leaf: serial number of 21 octets'],
    reason: 'take serial numbers that are not positive or too long',
    source: 'RFC 5280 section 4.1.2.2',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: serial number -1', 'root: serial number -1'],
    reason: 'takes negative serial numbers',
    source: 'RFC 5280 section 4.1.2.2',
  },
  {
    judges: all,
    labels: ['leaf: notAfter is a GeneralizedTime before 2050'],
    reason: 'read either form of a time for any year',
    source: 'RFC 5280 section 4.1.2.5',
  },
  {
    judges: go,
    labels: ['leaf: notAfter is a UTCTime without seconds'],
    reason: 'reads the BER form of a time',
    source: 'RFC 5280 section 4.1.2.5.1',
  },
  {
    judges: ['crypto/x509'],
    labels: [
      'leaf: version 1',
      'leaf: version 1 is written out',
      'leaf: version 1 with extensions',
      'leaf: version 2 with extensions',
    ],
    reason: 'reads older versions, and passes over their extensions',
    source: 'RFC 5280 sections 4.1.2.1 and 4.1.2.9',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: version 1', 'leaf: version 4'],
    reason: 'reads any version; strict mode asks only for 3 where there are extensions',
    source: 'RFC 5280 section 4.1.2.1',
  },
  {
    judges: ['crypto/x509'],
    labels: ['leaf: extensions are empty'],
    reason: 'takes an empty list for none',
    source: 'RFC 5280 section 4.1 (SIZE 1..MAX)',
  },
  {
    judges: all,
    labels: ['leaf: has an issuer unique ID'],
    reason: 'pass over unique identifiers, which no CA may set',
    source: 'RFC 5280 section 4.1.2.8',
  },
  {
    judges: go,
    labels: ['leaf: an element after the extensions', 'leaf: an element after the signature'],
    reason: 'does not ask whether a SEQUENCE has more elements than it knows',
    source: 'RFC 5280 section 4.1',
  },
  {
    judges: go,
    labels: ['issuer: an element after the path length', 'leaf: an extension with an element after its value'],
    reason: 'does not ask whether a SEQUENCE has more elements than it knows',
    source: 'RFC 5280 sections 4.2 and 4.2.1.9',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: trailing octets', 'issuer: trailing octets'],
    reason: 'reads one certificate from a PEM block and passes over the rest',
    source: 'SPIFFE X509-35, RFC 7468 section 5',
  },
  {
    judges: ['openssl'],
    labels: [
      'leaf: indefinite length',
      'leaf: length in more octets than needed',
      'leaf: an extension with a constructed OCTET STRING',
    ],
    reason: 'reads BER; the signed part, which it keeps as it came, is another matter',
    source: 'X.690 sections 10.1 and 10.2',
  },
  {
    judges: ['openssl'],
    labels: ['issuer: cA TRUE is 0x01', 'leaf: an extension with critical TRUE as 0x01'],
    reason: 'takes any octet but 0 for TRUE',
    source: 'X.690 section 11.1',
  },
  {
    judges: all,
    labels: ['leaf: cA FALSE is written out', 'leaf: an extension with critical FALSE written out'],
    reason: 'read default values that DER leaves out',
    source: 'X.690 section 11.5',
  },
  {
    judges: all,
    labels: ['leaf: an extension with trailing octets in its value'],
    reason: 'read the first element of the value',
    source: 'RFC 5280 section 4.2 (the value is the DER of one)',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: unknown extension twice'],
    reason: 'asks only of the extensions that it knows whether they are there twice',
    source: 'RFC 5280 section 4.2',
  },
  {
    judges: all,
    labels: ['leaf: key usage has trailing zero bits'],
    reason: 'read named bits in other than their shortest form',
    source: 'X.690 section 11.2.2',
  },
  {
    judges: ['openssl'],
    labels: ['leaf: key usage has unused bits that are set'],
    reason: 'clears unused bits',
    source: 'X.690 section 11.2.1',
  },
  {
    judges: go,
    labels: ['leaf: key usage has no bits', 'leaf: key usage is an empty BIT STRING'],
    reason: 'takes a key usage without bits for none at all',
    source: 'RFC 5280 section 4.2.1.3',
  },
  {
    judges: go,
    labels: ['leaf: extended key usage is empty'],
    reason: 'takes an empty list for none, which allows all',
    source: 'RFC 5280 section 4.2.1.12 (SIZE 1..MAX)',
  },
  {
    judges: go,
    labels: ['leaf: has a path length and is no CA'],
    reason: 'passes over a path length without cA',
    source: 'RFC 5280 section 4.2.1.9',
  },
  {
    judges: ['openssl'],
    labels: ['root: path length has 9 octets'],
    reason: 'reads what does not fit into a long as no limit',
    source: 'RFC 5280 section 4.2.1.9; limit of @meshid/der',
  },
  {
    judges: all,
    labels: ['leaf: subject key identifier is empty'],
    reason: 'let an identifier identify nothing',
    source: 'RFC 5280 section 4.2.1.2',
  },
  {
    judges: go,
    labels: ['leaf: authority key identifier with a serial number alone'],
    reason: 'reads the key identifier only',
    source: 'RFC 5280 section 4.2.1.1',
  },
]
