import { encodeBitString, encodeElement, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import type { CertificateDraft } from './certificate.ts'
import { type ChainDraft, issuerOf, rekey } from './draft.ts'
import { compressedSpki, type ForgeAlgorithmName, forgeAlgorithms, type ForgeKeyKind } from './keys.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid } from './mutation.ts'

/** Gives the leaf's issuer a key of this kind first, so that the change of its signature is the same for all chains. */
function signedBy(kind: ForgeKeyKind, change: (leaf: CertificateDraft, chain: ChainDraft) => void): Change {
  return (chain, { keys }) => {
    rekey(chain, issuerOf(chain), keys.key(kind, 30))
    change(chain.leaf, chain)
  }
}

const signedWith = (kind: ForgeKeyKind, name: ForgeAlgorithmName): Change =>
  signedBy(kind, (leaf) => void (leaf.algorithm = forgeAlgorithms[name]))

/** The signature is of `made`, the certificate says `said`. */
const declared = (kind: ForgeKeyKind, made: ForgeAlgorithmName, said: ForgeAlgorithmName): Change =>
  signedBy(kind, (leaf) => {
    leaf.algorithm = forgeAlgorithms[made]
    leaf.innerAlgorithm = forgeAlgorithms[said].der
  })

const leafKey =
  (kind: ForgeKeyKind): Change =>
  ({ leaf }, { keys }) =>
    void (leaf.key = keys.key(kind, 0))

const issuerKey =
  (kind: ForgeKeyKind): Change =>
  (chain, { keys }) =>
    rekey(chain, issuerOf(chain), keys.key(kind, 0))

/** Reads the two numbers of an ECDSA signature and writes them in another way. */
function ecdsaNumbers(write: (r: Uint8Array, s: Uint8Array) => Uint8Array) {
  return (signature: Uint8Array): Uint8Array => {
    const rEnd = 4 + (signature[3] ?? 0)
    return write(signature.subarray(4, rEnd), signature.subarray(rEnd + 2))
  }
}

const raw = (bytes: Uint8Array): Uint8Array => encodeElement(2, bytes)
const padded = (bytes: Uint8Array): Uint8Array => encodeElement(2, Uint8Array.of(0), bytes)
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** Changes of the octets of an ECDSA signature on P-256. */
const signatureForms: Readonly<Record<string, (signature: Uint8Array) => Uint8Array>> = {
  'has a padded r': ecdsaNumbers((r, s) => encodeSequence(padded(r), raw(s))),
  'has a third number': ecdsaNumbers((r, s) => encodeSequence(raw(r), raw(s), raw(r))),
  'has trailing octets': (signature) => Uint8Array.of(...signature, 0, 0),
  'is r and s without DER': ecdsaNumbers((r, s) => Uint8Array.of(...r.subarray(-32), ...s.subarray(-32))),
  'has r = 0': ecdsaNumbers((_, s) => encodeSequence(encodeInteger(0), raw(s))),
  'has s + n': ecdsaNumbers((r, s) => encodeSequence(raw(r), encodeInteger(numberOf(s) + ORDER))),
  'is empty': () => new Uint8Array(),
  'is in long-form length': (signature) => Uint8Array.of(0x30, 0x81, ...signature.subarray(1)),
}

/** Another octet near the end. */
const flip = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 3, (bytes.at(-3) ?? 0) ^ 4)

/** Signatures that are wrong, or right in another form. */
const signatureMutations: readonly ChainMutation[] = [
  refused('leaf: a flipped bit in the signature', ({ leaf }) => void (leaf.tamperSignature = flip)),
  refused('issuer: a flipped bit in the signature', (chain) => void (issuerOf(chain).tamperSignature = flip), 1),
  accepted('root: a flipped bit in its own signature', ({ authorities }) => {
    const root = authorities.at(-1) as CertificateDraft
    root.tamperSignature = flip
  }),
  refused('leaf: signed by a stranger', ({ leaf }, { keys }) => void (leaf.signer = keys.key('p256', 31))),
  refused('leaf: signed by itself', ({ leaf }) => void (leaf.signer = leaf.key)),
  ...Object.entries(signatureForms).map(([what, form]) =>
    refused(
      `leaf: ECDSA signature ${what}`,
      signedBy('p256', (leaf) => void (leaf.tamperSignature = form)),
    ),
  ),
  accepted(
    'leaf: ECDSA signature has n - s',
    signedBy('p256', (leaf) => {
      leaf.tamperSignature = ecdsaNumbers((r, s) => encodeSequence(raw(r), encodeInteger(ORDER - numberOf(s))))
    }),
  ),
  refused('leaf: signature has unused bits', ({ leaf }) => {
    leaf.tamperBitString = (element) => encodeElement(3, Uint8Array.of(1), element.subarray(-64, -1), Uint8Array.of(0))
  }),
  refused('leaf: signature is an OCTET STRING', ({ leaf }) => {
    leaf.tamperBitString = (element) => element.with(0, 4)
  }),
]

/** Algorithms that disagree, are too weak or are not known. */
const declarationMutations: readonly ChainMutation[] = [
  refused(
    'leaf: another algorithm outside than inside',
    signedBy('p256', (leaf) => void (leaf.outerAlgorithm = forgeAlgorithms['ecdsa-sha384'].der)),
  ),
  refused('leaf: signed with SHA-256, says SHA-384', declared('p256', 'ecdsa-sha256', 'ecdsa-sha384')),
  refused('leaf: signed with ECDSA, says RSA', declared('p256', 'ecdsa-sha256', 'rsa-sha256')),
  refused('leaf: signed with ECDSA and SHA-1', signedWith('p256', 'ecdsa-sha1')),
  refused('leaf: signed with RSA and SHA-1', signedWith('rsa2048', 'rsa-sha1')),
  refused('leaf: signed with RSA and MD5', signedWith('rsa2048', 'rsa-md5')),
  refused('leaf: signed with RSA-PSS', signedWith('rsa2048', 'rsa-pss')),
  accepted('leaf: signed with P-256 and SHA-512', signedWith('p256', 'ecdsa-sha512')),
  accepted('leaf: signed with RSA and SHA-512', signedWith('rsa2048', 'rsa-sha512')),
  accepted('leaf: signed with P-384 and SHA-256', signedWith('p384', 'ecdsa-sha256')),
  refused(
    'leaf: ECDSA algorithm has NULL parameters',
    signedBy('p256', (leaf) => {
      leaf.innerAlgorithm = encodeSequence(encodeOid(oids.ecdsaWithSha256), encodeNull())
    }),
  ),
  accepted(
    'leaf: RSA algorithm has no parameters',
    signedBy('rsa2048', (leaf) => {
      leaf.innerAlgorithm = encodeSequence(encodeOid(oids.sha256WithRsaEncryption))
    }),
  ),
]

/** Keys that are too weak or not known, of leaves and of CAs. */
const keyMutations: readonly ChainMutation[] = [
  refused('leaf: RSA key of 1024 bits', leafKey('rsa1024')),
  refused('leaf: key of P-521', leafKey('p521')),
  refused('leaf: key of secp256k1', leafKey('secp256k1')),
  refused('leaf: key of Ed448', leafKey('ed448')),
  refused('issuer: RSA key of 1024 bits', issuerKey('rsa1024'), 1),
  refused('issuer: key of P-521', issuerKey('p521'), 1),
  refused('issuer: key of secp256k1', issuerKey('secp256k1'), 1),
  refused('leaf: compressed point', ({ leaf }, { keys }) => {
    leaf.spki = compressedSpki(keys.key('p256', 8))
  }),
  refusedAsSvid('leaf: point that is not on the curve', ({ leaf }, { keys }) => {
    leaf.spki = flip(keys.key('p256', 8).spki)
  }),
  refused('leaf: RSA key without parameters', ({ leaf }, { keys }) => {
    const { spki } = keys.key('rsa2048', 0)
    const number = spki.subarray(-270)
    leaf.spki = encodeSequence(encodeSequence(encodeOid(oids.rsaEncryption)), encodeBitString(number))
  }),
]

/** Changes of signatures, algorithms and keys. */
export const algorithmMutations: readonly ChainMutation[] = [
  ...signatureMutations,
  ...declarationMutations,
  ...keyMutations,
]
