import { CsrError, type CsrErrorCode } from '@meshid/csr'
import {
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { createNobleSigner, encodeSignatureAlgorithm, generatePrivateKey, type LocalSigner } from '@meshid/keys'

/** The code of the CsrError that the operation throws; anything else it throws is thrown on. */
export function codeOf(operation: () => unknown): CsrErrorCode | undefined {
  try {
    operation()
  } catch (error) {
    if (error instanceof CsrError) return error.code
    throw error
  }
  return undefined
}

export const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Keys are made once: with noble they take milliseconds. */
export const signers = {
  'P-256': createNobleSigner(generatePrivateKey('P-256')),
  'P-384': createNobleSigner(generatePrivateKey('P-384')),
  Ed25519: createNobleSigner(generatePrivateKey('Ed25519')),
} as const satisfies Record<string, LocalSigner>

/** The parts of a request, each as DER; what is left out is as it should be. */
export interface RequestParts {
  readonly version?: Uint8Array
  readonly subject?: Uint8Array
  readonly spki?: Uint8Array
  readonly attributes?: readonly Uint8Array[]
  readonly afterAttributes?: Uint8Array
  readonly signatureAlgorithm?: Uint8Array
  readonly signature?: Uint8Array
  readonly after?: Uint8Array
}

const nothing = new Uint8Array()

/** A request of any parts, with a signature that is good for them. */
export function forge(parts: RequestParts = {}, signer: LocalSigner = signers['P-256']): Uint8Array {
  const info = encodeSequence(
    parts.version ?? encodeInteger(0),
    parts.subject ?? encodeSequence(),
    parts.spki ?? signer.key.spki,
    ...(parts.attributes ?? [encodeExplicit(0)]),
    parts.afterAttributes ?? nothing,
  )
  return encodeSequence(
    info,
    parts.signatureAlgorithm ?? encodeSignatureAlgorithm(signer.signatureAlgorithm),
    parts.signature ?? encodeBitString(signer.sign(info)),
    parts.after ?? nothing,
  )
}

export const extensionRequest = (...extensions: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(oids.extensionRequest), encodeSet(encodeSequence(...extensions)))

export const extension = (oid: string, ...rest: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(oid), ...rest)

export const subjectAltName = (...names: readonly Uint8Array[]): Uint8Array =>
  extension(oids.subjectAltName, encodeOctetString(encodeSequence(...names)))

export const generalName = (tag: number, content: Uint8Array | string): Uint8Array =>
  encodeElement(tag, typeof content === 'string' ? ascii(content) : content)

/** A request for these names. */
export const forgeNames = (...names: readonly Uint8Array[]): Uint8Array =>
  forge({ attributes: [encodeExplicit(0, extensionRequest(subjectAltName(...names)))] })

/** A subject of one RDN an attribute. */
export const subject = (...attributes: readonly (readonly [string, Uint8Array | string])[]): Uint8Array =>
  encodeSequence(
    ...attributes.map(([type, value]) =>
      encodeSet(encodeSequence(encodeOid(type), typeof value === 'string' ? encodeUtf8String(value) : value)),
    ),
  )
