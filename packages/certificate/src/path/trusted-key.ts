import { DerReader } from '@meshid/der'
import { PublicKey } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { DistinguishedName, readDistinguishedName } from '../parse/distinguished-name.ts'
import type { NameConstraints } from '../parse/name-constraints.ts'

/** What {@link trustedKey} takes. */
export interface TrustedKeyFields {
  /** The name of the CA: of a certificate that has it, or its DER. */
  readonly subject: DistinguishedName | Uint8Array
  readonly publicKey: PublicKey
  /** From when on the key is trusted, inclusive; always unless said. */
  readonly notBefore?: Date | undefined
  /** Until when, inclusive; for ever unless said. */
  readonly notAfter?: Date | undefined
  /** Which names its certificates may have, as another certificate of the CA says it. */
  readonly nameConstraints?: NameConstraints | undefined
}

let mint: (fields: TrustedKeyFields & { readonly subject: DistinguishedName }) => TrustedKey

/** A trust anchor that is no certificate: the name of a CA and its key (RFC 5280 section 6.1.1 (d)). Made only by {@link trustedKey}. */
export class TrustedKey {
  readonly #subject: DistinguishedName
  readonly publicKey: PublicKey
  readonly notBefore: Date | undefined
  readonly notAfter: Date | undefined
  readonly nameConstraints: NameConstraints | undefined

  private constructor(fields: TrustedKeyFields & { readonly subject: DistinguishedName }) {
    this.#subject = fields.subject
    this.publicKey = fields.publicKey
    this.notBefore = fields.notBefore === undefined ? undefined : new Date(fields.notBefore)
    this.notAfter = fields.notAfter === undefined ? undefined : new Date(fields.notAfter)
    this.nameConstraints = fields.nameConstraints
    Object.freeze(this)
  }

  static {
    mint = (fields) => new TrustedKey(fields)
  }

  get subject(): DistinguishedName {
    return this.#subject
  }
}

/** Where a path may end. */
export type TrustAnchor = Certificate | TrustedKey

/**
 * Declares a key to be trusted under a name, with dates or without: whoever calls this decides. Give it to `createTrustAnchors`.
 *
 * @throws TypeError, RangeError for arguments that types already refuse
 * @throws DerError, CertificateError CERT_NAME_INVALID when `subject` is not the DER of a name
 * @see RFC 5280 section 6.1.1 (d)
 */
export function trustedKey(fields: TrustedKeyFields): TrustedKey {
  if (!(fields.publicKey instanceof PublicKey)) throw new TypeError('publicKey: expected a parsed public key')
  for (const date of [fields.notBefore, fields.notAfter]) {
    if (date !== undefined && !Number.isFinite(date.getTime())) throw new RangeError('date: expected a valid Date')
  }
  const subject = fields.subject instanceof DistinguishedName ? fields.subject : parseName(fields.subject)
  if (subject.isEmpty) throw new RangeError('subject: expected a name, found an empty one')
  return mint({ ...fields, subject })
}

function parseName(der: Uint8Array): DistinguishedName {
  const reader = new DerReader(new Uint8Array(der))
  const name = readDistinguishedName(reader)
  reader.end()
  return name
}
