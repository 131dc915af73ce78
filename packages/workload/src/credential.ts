import { createSecureContext, type SecureContext } from 'node:tls'
import { type Certificate, encodeCertificatePem } from '@meshid/certificate'
import type { PrivateKey } from '@meshid/keys'
import { tlsContext } from './tls-context.ts'
import { formatWorkloadName, type WorkloadName } from './workload-name.ts'

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
  /** What is shown to peers beside the leaf, as the identity service sent it. */
  readonly intermediates: readonly Certificate[]
  readonly #notAfterMs: number
  readonly #privateKey: PrivateKey
  #secureContext: SecureContext | undefined

  private constructor(fields: CredentialFields) {
    this.name = fields.name
    this.leaf = fields.leaf
    this.intermediates = Object.freeze([...fields.intermediates])
    this.#notAfterMs = fields.notAfter.getTime()
    this.#privateKey = fields.privateKey
    Object.freeze(this)
  }

  static {
    createCredential = (fields) => new Credential(fields)
  }

  get notBefore(): Date {
    return new Date(this.leaf.notBefore)
  }

  /** The earlier of the leaf's notAfter and what the identity service said (Q38). */
  get notAfter(): Date {
    return new Date(this.#notAfterMs)
  }

  /** Leaf first, PEM, as TLS wants it. */
  get certificateChainPem(): string {
    return [this.leaf, ...this.intermediates].map((certificate) => encodeCertificatePem(certificate)).join('')
  }

  /** The TLS context of {@link tlsContext}, made at the first use: that costs about as much as half a handshake. */
  get secureContext(): SecureContext {
    this.#secureContext ??= createSecureContext(tlsContext(this))
    return this.#secureContext
  }

  /** The secret: PKCS#8 PEM, for a TLS context and nothing else. */
  privateKeyPem(): string {
    return this.#privateKey.toPkcs8Pem()
  }

  toString(): string {
    return `Credential(${formatWorkloadName(this.name)}, until ${this.notAfter.toISOString()})`
  }

  toJSON(): string {
    return this.toString()
  }
}
