import type { Certificate } from '@meshid/certificate'
import { encodeCertificatePem } from '@meshid/certificate'
import type { PrivateKey } from '@meshid/keys'
import type { WorkloadName } from './workload-name.ts'

/** Makes a credential of what was verified; the package does not export it. */
export let createCredential: (fields: CredentialFields) => Credential

/** Everything that a credential holds. */
export interface CredentialFields {
  readonly name: WorkloadName
  readonly leaf: Certificate
  readonly intermediates: readonly Certificate[]
  readonly privateKey: PrivateKey
  readonly notAfter: Date
}

/**
 * A leaf, the intermediates above it and the private key below it, which were found to belong together, to the own name
 * and to the own trust anchors when it was made. Made only by `verifyCredential`. It never prints its key.
 */
export class Credential {
  readonly name: WorkloadName
  readonly leaf: Certificate
  readonly intermediates: readonly Certificate[]
  /** The earlier of the leaf's notAfter and what the identity service said (Q38). */
  readonly notAfter: Date
  readonly #privateKey: PrivateKey

  private constructor(fields: CredentialFields) {
    this.name = fields.name
    this.leaf = fields.leaf
    this.intermediates = Object.freeze([...fields.intermediates])
    this.notAfter = fields.notAfter
    this.#privateKey = fields.privateKey
    Object.freeze(this)
  }

  static {
    createCredential = (fields) => new Credential(fields)
  }

  get notBefore(): Date {
    return this.leaf.notBefore
  }

  /** Leaf first, PEM, as TLS wants it. */
  get certificateChainPem(): string {
    return [this.leaf, ...this.intermediates].map((certificate) => encodeCertificatePem(certificate)).join('')
  }

  /** The secret: PKCS#8 PEM, for a TLS context and nothing else. */
  privateKeyPem(): string {
    return this.#privateKey.toPkcs8Pem()
  }
}
