import { identityServiceDefinition } from '@meshid/rpc'
import { createWorkloads, spiffeId } from './workloads.ts'

/** How many CSRs the servers remember: more than the repeated ones, and fewer than the new ones, which come round in turn. */
export const REMEMBERED_CSRS = 100
const NEW_CSRS = 500
const REPEATED_CSRS = 50

/** About what a token of a Kubernetes service account has. */
const TOKEN_BYTES = 900

export const certifyPath: string = identityServiceDefinition.certify.path

/** Requests as they go over the wire. */
export interface CertifyRequests {
  /** A server that remembers {@link REMEMBERED_CSRS} meets each of them as if for the first time. */
  readonly fresh: readonly Uint8Array[]
  /** It remembers all of these. */
  readonly repeated: readonly Uint8Array[]
}

export async function createCertifyRequests(): Promise<CertifyRequests> {
  const workloads = await createWorkloads(NEW_CSRS + REPEATED_CSRS)
  const token = new TextEncoder().encode('t'.repeat(TOKEN_BYTES))
  const messages = workloads.map(({ csr }) =>
    identityServiceDefinition.certify.requestSerialize({
      identity: spiffeId.toString(),
      token,
      certificateSigningRequest: csr,
    }),
  )
  return { fresh: messages.slice(0, NEW_CSRS), repeated: messages.slice(NEW_CSRS) }
}
