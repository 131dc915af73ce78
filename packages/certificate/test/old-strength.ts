import { encodeBitString, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { authorityKeyIdentifier, basicConstraints, forge, key, type Link, uriName } from './forge.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'

const extensionsOf = ({ certificate }: Link): readonly Uint8Array[] => [
  basicConstraints(false),
  uriName(id),
  authorityKeyIdentifier(certificate.subjectKeyIdentifier ?? new Uint8Array(1)),
]

/** A leaf that says that it was signed with SHA-1. */
export function sha1Leaf(by: Link): Uint8Array {
  return forge({
    subject: encodeSequence(),
    key: key(61),
    issuer: by.certificate.subject.bytes,
    signer: by.key,
    innerAlgorithm: encodeSequence(encodeOid(oids.ecdsaWithSha1)),
    extensions: extensionsOf(by),
  })
}

/** A leaf with an RSA key of 1024 bits; nobody needs its private half. */
export function shortRsaLeaf(by: Link): Uint8Array {
  const modulus = (1n << 1023n) | 1n
  return forge({
    subject: encodeSequence(),
    spki: encodeSequence(
      encodeSequence(encodeOid(oids.rsaEncryption), encodeNull()),
      encodeBitString(encodeSequence(encodeInteger(modulus), encodeInteger(65_537))),
    ),
    issuer: by.certificate.subject.bytes,
    signer: by.key,
    extensions: extensionsOf(by),
  })
}
