import {
  createIntermediateCertificate,
  createIssuer,
  createRootCertificate,
  createTrustAnchors,
  parseCertificate,
  workloadTemplate,
} from '@meshid/certificate'
import type { LocalSigner } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import type { CertificateChain } from './create-pair.ts'
import type { Ca } from './read-ca.ts'
import type { MeshOptions } from './read-linkerd-name.ts'
import { isLikeWorkloadName, readWorkloadIdentity } from './read-workload-identity.ts'

/** What a certificate is for, as step calls it. */
export type CertificateProfile = 'root-ca' | 'intermediate-ca' | 'leaf'

/** What is to be certified. */
export interface CertificateOrder extends MeshOptions {
  /** The common name; of a leaf it may be its SPIFFE ID or Linkerd name instead, and then the subject stays empty (X509-8). */
  readonly subject: string
  /** The names of a leaf. */
  readonly sans: readonly string[]
  readonly lifetimeMs: number
  /** Who is certified. */
  readonly signer: LocalSigner
  readonly now: Date
}

const verifier = nodeVerifier

/** Makes the self-signed certificate of a root. */
export async function makeRoot(order: CertificateOrder): Promise<CertificateChain> {
  return [await createRootCertificate({ ...order, commonName: order.subject, verifier })]
}

/** Makes the certificate of a CA below another, path length 0. */
export async function makeIntermediate(order: CertificateOrder, issuer: Ca): Promise<CertificateChain> {
  const { subject: commonName, signer } = order
  return [await createIntermediateCertificate({ ...order, commonName, issuer, key: signer.key, verifier })]
}

/** Issues the leaf of a workload as an identity server would, by an issuer that was tried, and adds what is sent with it. */
export async function makeLeaf(order: CertificateOrder, ca: Ca): Promise<CertificateChain> {
  const { subject, sans, lifetimeMs, signer, now } = order
  const isName = isLikeWorkloadName(subject)
  const identity = readWorkloadIdentity(isName ? [subject, ...sans] : sans, order)
  const template = workloadTemplate(isName ? {} : { commonName: subject })
  const source = { ...ca, trustAnchors: createTrustAnchors(ca.chain.slice(-1)), now }
  const issuer = await createIssuer(source, { lifetimeMs, verifier, template })
  const { der } = await issuer.issue({ identity, key: signer.key, now })
  return [parseCertificate(der), ...issuer.chain.map((one) => parseCertificate(one))]
}
