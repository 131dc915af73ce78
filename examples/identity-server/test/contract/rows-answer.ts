import { encodeCertificatePem, parseCertificate } from '@meshid/certificate'
import { parseSpiffeId } from '@meshid/spiffe-id'
import { secret, webLinkerdName as name, webSpiffeId, type World } from '../world.ts'
import { csr } from './draft.ts'
import { quoted, type Row } from './row.ts'

const other = name.replace(/^web\./, 'voting.')
const issued = new RegExp(
  String.raw`^issued certificate for ${quoted(name)} until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC: [0-9a-f]{64}$`,
)
const signing = { level: 'error', msg: new RegExp(`^could not issue a certificate for ${quoted(name)}: `) } as const

/** Puts a leaf and its key where the issuer was. */
async function leafInsteadOfIssuer({ ca, issuer }: World): Promise<() => Promise<void>> {
  const { leaf, privateKey } = await ca.issue({ spiffeId: parseSpiffeId(webSpiffeId) }, { now: new Date() })
  await issuer.update(secret(encodeCertificatePem(parseCertificate(leaf)), privateKey.toPkcs8Pem()))
  return () => issuer.update(secret(ca.issuerPem, ca.issuerKey.toPkcs8Pem()))
}

/** Rows 6 to 8, and 3': what is decided when the caller is known, and what cannot happen here. */
export const answerRows: readonly Row[] = [
  {
    id: '6',
    of: 'the name of another account',
    change: (draft) => ({ ...csr({ dnsNames: [other] })(draft), identity: other }),
    status: 'FailedPrecondition',
    message: `requested identity did not match provided token: requested=${other}; found=${name}`,
    log: {
      level: 'info',
      msg: new RegExp(
        `^requested identity did not match provided token: requested=${quoted(other)}; found=${quoted(name)}$`,
      ),
    },
    reviews: 1,
  },
  {
    id: '7',
    of: 'the signer fails',
    place: 'parts with a signer that fails',
    status: 'Internal',
    message: 'signer: expected a signature, found an error',
    log: signing,
    reviews: 1,
    deviation: {
      because: "the signer's own words are for the log alone",
      linkerd: 'passes on the text of the error, and logs nothing',
    },
  },
  {
    id: '7',
    of: 'an RSA key in the CSR',
    change: csr({ key: 'RSA' }),
    status: 'InvalidArgument',
    message: /^CSR_UNSUPPORTED_KEY.{0,150}$/,
    log: { level: 'debug', msg: /^requester sent invalid CSR: CSR_UNSUPPORTED_KEY/ },
    deviation: { because: 'Q8', linkerd: 'Internal after a token review, with the key in the message' },
  },
  {
    id: '7',
    of: 'a P-521 key in the CSR',
    change: csr({ key: 'P-521' }),
    status: 'InvalidArgument',
    message: /^CSR_UNSUPPORTED_KEY.{0,150}$/,
    log: { level: 'debug', msg: /^requester sent invalid CSR: CSR_UNSUPPORTED_KEY/ },
    deviation: { because: 'Q9', linkerd: 'certifies any curve that Go knows, P-224 too' },
  },
  {
    id: "7'",
    of: 'the issuer gives back no bytes',
    place: 'parts with an issuer without bytes',
    status: 'Internal',
    message: 'issuer: expected a certificate, found no bytes',
    log: signing,
    reviews: 1,
    deviation: { because: 'Q50: one bad answer is no reason to end', linkerd: 'the process exits (log.Fatal)' },
  },
  {
    id: '8',
    of: 'all in order',
    status: 'OK',
    message: '',
    log: { level: 'info', msg: issued },
    event: {
      type: 'Normal',
      reason: 'IssuedLeafCertificate',
      involvedObject: { kind: 'ServiceAccount', namespace: 'emojivoto', name: 'web' },
      message: issued,
    },
    reviews: 1,
  },
  {
    id: '8',
    of: 'all in order, with the name as CommonName too, as old proxies send it',
    change: csr({ commonName: name }),
    status: 'OK',
    message: '',
    log: { level: 'info', msg: issued },
    reviews: 1,
  },
  {
    id: "3'",
    of: 'an issuer that is none: a leaf in its place',
    arrange: leafInsteadOfIssuer,
    status: 'OK',
    message: '',
    log: { level: 'warning', msg: /^Skipping issuer update as certs could not be read from disk: .*CERT_NOT_A_CA/ },
    event: {
      type: 'Warning',
      reason: 'IssuerUpdateSkipped',
      involvedObject: { kind: 'Deployment', namespace: 'linkerd', name: 'linkerd-identity' },
      message: /^Skipping issuer update as certs could not be read from disk: /,
    },
    reviews: 1,
    deviation: {
      because: 'an issuer is tried when it is loaded (Q10, Q11), so that no request can meet one that is none',
      linkerd: 'Unknown, `unsupported issuer type. Expected *tls.CA, got %v`',
    },
  },
]
