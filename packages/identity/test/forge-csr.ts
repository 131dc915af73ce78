import {
  contextTag,
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
import { encodeSignatureAlgorithm, type LocalSigner } from '@meshid/keys'

/** What a CSR says, sensible or not. */
export interface ForgedCsr {
  readonly signer: LocalSigner
  readonly commonName?: string
  /** In this order. */
  readonly names?: readonly Uint8Array[]
}

const text = (tag: number, value: string): Uint8Array => encodeElement(contextTag(tag), new TextEncoder().encode(value))

export const emailAddress = (value: string): Uint8Array => text(1, value)
export const dnsName = (value: string): Uint8Array => text(2, value)
export const uri = (value: string): Uint8Array => text(6, value)
export const ipAddress = (...octets: number[]): Uint8Array => encodeElement(contextTag(7), Uint8Array.from(octets))

/** A CSR put together by hand, so that it can say what no honest builder would; its signature is good. */
export function forgeCsr({ signer, commonName, names = [] }: ForgedCsr): Uint8Array {
  const subject =
    commonName === undefined
      ? encodeSequence()
      : encodeSequence(encodeSet(encodeSequence(encodeOid(oids.commonName), encodeUtf8String(commonName))))
  const subjectAltName = encodeSequence(encodeOid(oids.subjectAltName), encodeOctetString(encodeSequence(...names)))
  const attribute = encodeSequence(encodeOid(oids.extensionRequest), encodeSet(encodeSequence(subjectAltName)))
  const attributes = names.length === 0 ? encodeExplicit(0) : encodeExplicit(0, attribute)
  const info = encodeSequence(encodeInteger(0), subject, signer.key.spki, attributes)
  const signature = encodeBitString(signer.sign(info))
  return encodeSequence(info, encodeSignatureAlgorithm(signer.signatureAlgorithm), signature)
}

/** The same bytes with one bit of the signature flipped. */
export function flipSignatureBit(csr: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(csr)
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  return flipped
}
