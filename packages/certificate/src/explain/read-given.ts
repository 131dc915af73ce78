import { CertificateError } from '../errors.ts'
import { Certificate } from '../parse/certificate.ts'
import { parseCertificate } from '../parse/parse-certificate.ts'
import { checkSigner } from '../path/check-signer.ts'
import { createTrustAnchors, TrustAnchors } from '../path/trust-anchors.ts'
import { type TrustAnchor, TrustedKey } from '../path/trusted-key.ts'

/** Something that was given, read or not. */
export type Given =
  | { readonly subject: TrustAnchor; readonly error: undefined }
  | { readonly subject: undefined; readonly error: CertificateError; readonly bytes: number }

/** Reads what may be bytes; only what a parser refuses with a code becomes an error. */
export function readGiven(item: TrustAnchor | Uint8Array): Given {
  if (item instanceof Certificate || item instanceof TrustedKey) return { subject: item, error: undefined }
  try {
    return { subject: parseCertificate(item), error: undefined }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return { subject: undefined, error, bytes: item.length }
  }
}

/** What trust there is in what was given as trust anchors. */
export interface GivenAnchors {
  readonly given: readonly Given[]
  /** Of those that can be anchors; nothing when there are none. */
  readonly trustAnchors: TrustAnchors | undefined
  /** What `createTrustAnchors` says of those that could be read. */
  readonly refusal: CertificateError | undefined
}

/** Reads anchors one by one, so that one that is no CA does not hide what the others say. */
export function readAnchors(anchors: TrustAnchors | readonly (TrustAnchor | Uint8Array)[]): GivenAnchors {
  if (anchors instanceof TrustAnchors) {
    const given = [...anchors.certificates, ...anchors.keys].map(readGiven)
    return { given, trustAnchors: anchors, refusal: undefined }
  }
  const given = anchors.map(readGiven)
  const read = given.flatMap(({ subject }) => (subject === undefined ? [] : [subject]))
  const good = read.filter((anchor) => refusalOf(anchor) === undefined)
  const isUnread = read.length === 0 && given.length > 0
  const refusal = isUnread ? undefined : attempt(() => void createTrustAnchors(read))
  return { given, trustAnchors: good.length === 0 ? undefined : createTrustAnchors(good), refusal }
}

function refusalOf(anchor: TrustAnchor): CertificateError | undefined {
  return anchor instanceof Certificate ? attempt(() => checkSigner(anchor, { keyUsage: 'optional' })) : undefined
}

/** The refusal that an operation throws, if it does. */
export function attempt(operation: () => void): CertificateError | undefined {
  try {
    operation()
    return undefined
  } catch (error) {
    if (error instanceof CertificateError) return error
    throw error
  }
}
