import { encodeSignatureAlgorithm, keyIdentifier, type PublicKey, type SignatureAlgorithm } from '@meshid/keys'
import type { Certificate } from '../parse/certificate.ts'
import { encodeTbsCertificate } from '../codec.ts'
import { compileTemplate } from './compile-template.ts'
import { createLeafShapes, writeLeaf } from './leaf-shape.ts'
import { createLeafRooms, UnsignedLeaf } from './unsigned-leaf.ts'
import type { WorkloadNames } from './workload-identity.ts'
import type { WorkloadTemplate } from './workload-template.ts'

/** What one leaf says. */
export interface LeafValues {
  /** The content of a DER INTEGER. */
  readonly serialNumber: Uint8Array
  /** Both times, one after the other, as DER. */
  readonly validity: Uint8Array
  readonly publicKey: PublicKey
  readonly names: WorkloadNames
}

/** Writes the signed part of a leaf, in bytes of its own. */
export type LeafAssembly = (values: LeafValues) => UnsignedLeaf

/** The key identifier by which children of a CA name its key: the CA's own, whatever method made it (RFC 5280 section 4.2.1.1). */
export function authorityKeyIdentifierOf({ subjectKeyIdentifier, publicKey }: Certificate): Uint8Array {
  return subjectKeyIdentifier ?? keyIdentifier(publicKey)
}

/** Compiles a template for one issuer. */
export function createLeafAssembly(
  template: WorkloadTemplate,
  issuer: { readonly certificate: Certificate; readonly signatureAlgorithm: SignatureAlgorithm },
): LeafAssembly {
  const { certificate, signatureAlgorithm } = issuer
  const compiled = compileTemplate(
    encodeTbsCertificate({
      template,
      signatureAlgorithm,
      issuer: certificate.subject.bytes,
      authorityKeyIdentifier: authorityKeyIdentifierOf(certificate),
      // What follows becomes holes, so any value does.
      serialNumber: Uint8Array.of(1),
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
      spki: certificate.publicKey.spki,
      subjectKeyIdentifier: keyIdentifier(certificate.publicKey),
      dnsNames: [],
      uris: ['spiffe://prototype.invalid/leaf'],
    }),
  )
  const shapeFor = createLeafShapes(compiled, encodeSignatureAlgorithm(signatureAlgorithm))
  const roomFor = createLeafRooms()
  return ({ serialNumber, validity, publicKey, names }) => {
    const values = {
      serialNumber,
      validity,
      spki: publicKey.spki,
      subjectKeyIdentifier: keyIdentifier(publicKey),
      names,
    }
    const shape = shapeFor(values)
    const room = roomFor(shape)
    writeLeaf(shape, values, room)
    return new UnsignedLeaf(room, shape)
  }
}
