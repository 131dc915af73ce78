import { createHash } from 'node:crypto'
import { encodeBitString, encodeExplicit, encodeSequence } from '@meshid/der'
import type { ForgedExtension } from './extensions.ts'
import { type ForgeAlgorithm, type ForgeKey, signWith, usualAlgorithm } from './keys.ts'

/** Changes some octets. */
export type Tampering = (bytes: Uint8Array) => Uint8Array

/** A certificate before it is signed, in which anything can be made wrong. Fields of octets are whole DER elements. */
export interface CertificateDraft {
  /** Who signs it; itself when there is none. */
  issuer: CertificateDraft | undefined
  key: ForgeKey
  /** Empty for version 1. */
  version: Uint8Array
  serialNumber: Uint8Array
  subject: Uint8Array
  notBefore: Uint8Array
  notAfter: Uint8Array
  extensions: readonly ForgedExtension[]
  /** In place of the issuer's subject. */
  issuerName?: Uint8Array
  /** In place of the issuer's key. */
  signer?: ForgeKey
  /** In place of the usual one of the signing key. */
  algorithm?: ForgeAlgorithm
  /** In place of the AlgorithmIdentifier of `algorithm`. */
  innerAlgorithm?: Uint8Array
  outerAlgorithm?: Uint8Array
  /** In place of the key's own. */
  spki?: Uint8Array
  /** What stands between the key and the extensions. */
  uniqueIdentifiers?: Uint8Array
  /** The `[3]` element as a whole, in place of one of `extensions`. */
  extensionsElement?: Uint8Array
  /** Changes the content of the signed part before it is signed. */
  tamperSigned?: Tampering
  /** Changes the signature before it is wrapped as a BIT STRING, or the BIT STRING as a whole. */
  tamperSignature?: Tampering
  tamperBitString?: Tampering
  /** Changes the finished certificate. */
  tamper?: Tampering
}

/** The certificate's extension of an OID gives way to this one, or joins the others. */
export function setExtension(draft: CertificateDraft, added: ForgedExtension): void {
  const at = draft.extensions.findIndex(({ oid }) => oid === added.oid)
  draft.extensions = at < 0 ? [...draft.extensions, added] : draft.extensions.with(at, added)
}

export function dropExtension(draft: CertificateDraft, oid: string): void {
  draft.extensions = draft.extensions.filter((extension) => extension.oid !== oid)
}

/** Signs drafts; what was signed before with the same content is not signed again. */
export interface CertificateForge {
  certificate(draft: CertificateDraft): Uint8Array
}

export function createCertificateForge(): CertificateForge {
  const signatures = new Map<string, Uint8Array>()
  return Object.freeze({
    certificate(draft: CertificateDraft) {
      const signer = draft.signer ?? (draft.issuer ?? draft).key
      const algorithm = draft.algorithm ?? usualAlgorithm(signer)
      const content = contentOf(draft, algorithm)
      const tbs = encodeSequence(draft.tamperSigned?.(content) ?? content)
      const known = nameOf(signer, algorithm, tbs)
      const genuine = signatures.get(known) ?? signWith(signer, algorithm, tbs)
      signatures.set(known, genuine)
      const signature = encodeBitString(draft.tamperSignature?.(genuine) ?? genuine)
      const outer = draft.outerAlgorithm ?? draft.innerAlgorithm ?? algorithm.der
      const der = encodeSequence(tbs, outer, draft.tamperBitString?.(signature) ?? signature)
      return draft.tamper?.(der) ?? der
    },
  })
}

function contentOf(draft: CertificateDraft, algorithm: ForgeAlgorithm): Uint8Array {
  const parts = [
    draft.version,
    draft.serialNumber,
    draft.innerAlgorithm ?? algorithm.der,
    draft.issuerName ?? (draft.issuer ?? draft).subject,
    encodeSequence(draft.notBefore, draft.notAfter),
    draft.subject,
    draft.spki ?? draft.key.spki,
    draft.uniqueIdentifiers ?? new Uint8Array(),
    draft.extensionsElement ?? extensionsOf(draft),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

function extensionsOf({ extensions }: CertificateDraft): Uint8Array {
  if (extensions.length === 0) return new Uint8Array()
  return encodeExplicit(3, encodeSequence(...extensions.map(({ der }) => der)))
}

function nameOf(signer: ForgeKey, algorithm: ForgeAlgorithm, tbs: Uint8Array): string {
  return createHash('sha256').update(signer.spki).update(algorithm.der).update(tbs).digest('base64')
}
