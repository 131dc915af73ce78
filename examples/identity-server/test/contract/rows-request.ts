import { webLinkerdName as name, webSpiffeId } from '../world.ts'
import { csr } from './draft.ts'
import { quoted, type Row } from './row.ts'

const silent = 'Linkerd logs nothing; here it is a debug line'
const missing = (words: string) =>
  ({ level: 'debug', msg: new RegExp(`^requester sent invalid request: ${words}$`) }) as const
const invalidCsr = { level: 'debug', msg: /^requester sent invalid CSR: / } as const

const validity = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC`
const expired = new RegExp(
  String.raw`^x509: certificate has expired or is not yet valid: current time \S+Z is after \S+Z` +
    ` - Current Time : ${validity} - Invalid before ${validity} - Invalid After ${validity}$`,
)
const issuerInvalidLog = {
  level: 'error',
  msg: new RegExp(`^could not process CSR because of CA cert validation failure: .* - CSR Identity : ${quoted(name)}$`),
} as const

/** Rows 1 to 3: the server, the fields, the CSR as such, the issuer. */
const beforeTheNames: readonly Row[] = [
  {
    id: '1',
    of: 'no issuer loaded (pinned by service_test.go)',
    place: 'parts without an issuer',
    change: (draft) => ({ ...draft, identity: '', token: '', csr: { ...draft.csr, damage: 'empty' } }),
    status: 'Unavailable',
    message: 'cert issuer not ready yet',
    log: { level: 'warning', msg: /^Certificate issuer is not ready$/ },
  },
  {
    id: '2a',
    of: 'no identity (pinned by service_test.go)',
    change: (draft) => ({ ...draft, identity: '' }),
    status: 'InvalidArgument',
    message: 'missing identity',
    log: missing('missing identity'),
  },
  {
    id: '2b',
    of: 'no token (pinned by service_test.go)',
    change: (draft) => ({ ...draft, token: '' }),
    status: 'InvalidArgument',
    message: 'missing token',
    log: missing('missing token'),
  },
  {
    id: '2c',
    of: 'no CSR (pinned by service_test.go)',
    change: csr({ damage: 'empty' }),
    status: 'InvalidArgument',
    message: 'missing certificate signing request',
    log: missing('missing certificate signing request'),
  },
  {
    id: '2d',
    of: 'a CSR that does not parse (pinned by service_test.go)',
    change: csr({ damage: 'not DER' }),
    status: 'InvalidArgument',
    message: /^CSR_MALFORMED|^CSR/,
    log: invalidCsr,
    deviation: { because: 'the words are those of our own parser', linkerd: `the text of Go's x509; ${silent}` },
  },
  {
    id: '2d',
    of: 'a CSR with trailing data',
    change: csr({ damage: 'trailing byte' }),
    status: 'InvalidArgument',
    message: /^CSR/,
    log: invalidCsr,
    deviation: { because: 'the words are those of our own parser', linkerd: "the text of Go's x509" },
  },
  {
    id: '2+',
    of: 'an identity that is no name of this mesh',
    change: (draft) => ({ ...draft, identity: webSpiffeId }),
    status: 'InvalidArgument',
    message: new RegExp(`^requested identity: expected <service-account>.*, found ${quoted(webSpiffeId)}$`),
    log: { level: 'debug', msg: /^requester sent invalid request: requested identity/ },
    deviation: { because: 'Q7', linkerd: 'looks at no syntax; such a name is refused by row 4b or 6' },
  },
  {
    id: '2+',
    of: 'a CSR that is not signed by its own key',
    change: csr({ damage: 'flipped signature bit' }),
    status: 'InvalidArgument',
    message: /^CSR_SIGNATURE_INVALID/,
    log: invalidCsr,
    deviation: { because: 'Q1', linkerd: 'certifies the key, whoever holds it' },
  },
  {
    id: '3',
    of: 'the issuer has expired since it was loaded',
    place: 'server after the issuer',
    change: csr({ dnsNames: [] }),
    status: 'Unavailable',
    message: expired,
    log: issuerInvalidLog,
    event: {
      type: 'Warning',
      reason: 'IssuerValidationFailed',
      involvedObject: { kind: 'Deployment', namespace: 'linkerd', name: 'linkerd-identity' },
      message: new RegExp(` - CSR Identity : ${quoted(name)}$`),
    },
    deviation: { because: 'Q6', linkerd: 'Unknown, with this text' },
  },
  {
    id: '3',
    of: 'the same, with --issuer-invalid-status=unknown',
    place: 'server with Unknown after the issuer',
    change: csr({ dnsNames: [] }),
    status: 'Unknown',
    message: expired,
    log: issuerInvalidLog,
  },
]

const mismatch = (of: string, id: string, change: NonNullable<Row['change']>, message: string): Row => ({
  id,
  of,
  change,
  status: 'FailedPrecondition',
  message,
  log: invalidCsr,
})

/** Rows 4a to 4f: the names in the CSR. */
const names: readonly Row[] = [
  mismatch('no DNS name', '4a', csr({ dnsNames: [], commonName: name }), 'CSR must have exactly one DNSName'),
  mismatch('two DNS names', '4a', csr({ dnsNames: [name, 'other.example'] }), 'CSR must have exactly one DNSName'),
  mismatch(
    'another DNS name',
    '4b',
    csr({ dnsNames: ['other.example'] }),
    `CSR name does not match requested identity: csr=other.example; req=${name}`,
  ),
  mismatch(
    'the DNS name in capitals',
    '4b',
    csr({ dnsNames: [name.toUpperCase()] }),
    `CSR name does not match requested identity: csr=${name.toUpperCase()}; req=${name}`,
  ),
  mismatch('another CommonName', '4c', csr({ commonName: 'admin' }), 'invalid CommonName: admin'),
  mismatch('an e-mail address', '4d', csr({ emailAddresses: ['a@example.org'] }), 'cannot validate email addresses'),
  mismatch('an IP address', '4e', csr({ ipAddresses: [[10, 0, 0, 1]] }), 'cannot validate IP addresses'),
  mismatch('a URI', '4f', csr({ uris: [webSpiffeId] }), 'cannot validate URIs'),
]

/** Rows 1 to 4f, in Linkerd's order: what is decided before anybody is asked. */
export const requestRows: readonly Row[] = [...beforeTheNames, ...names]
