import { createCertifier, createIssuerHolder, IdentityError, type Profile, statusOf } from '@meshid/identity'
import { nodeVerifier } from '@meshid/keys/node'
import { createIdentityService, createRpcServer, listenServer, RpcError } from '@meshid/rpc'
import type { TestCa } from '@meshid/testkit'
import { createKubernetesReviewer } from '@meshid/token-review'
import { createClusterTransport } from '@meshid/token-review/node'

/** An identity service that listens. */
export interface IdentityService {
  readonly port: number
  stop(): void
  useCa(ca: TestCa): void
}

export interface IdentityServiceOptions {
  readonly ca: TestCa
  readonly profile: Profile
  /** The API server, and the files by which it is reached. */
  readonly api: { readonly host: string; readonly port: number; readonly caFile: string; readonly tokenFile: string }
  /** Default: one that is free. */
  readonly port?: number
}

/** Puts the packages of an identity service together: token review, profile, issuer, gRPC. */
export async function startIdentityService({
  ca,
  profile,
  api,
  port = 0,
}: IdentityServiceOptions): Promise<IdentityService> {
  const clock = { now: () => new Date() }
  const holder = createIssuerHolder()
  holder.replace(ca.issuer, clock.now())
  const transport = createClusterTransport(api)
  const reviewer = createKubernetesReviewer({ transport })
  const certifier = createCertifier({ reviewer, profile, issuer: holder, verifier: nodeVerifier, clock })
  const service = createIdentityService({
    async certify({ identity, token, certificateSigningRequest: csr }, { signal }) {
      try {
        const { leaf, intermediates, validUntil } = await certifier.certify({ identity, token, csr }, { signal })
        return { leafCertificate: leaf, intermediateCertificates: intermediates, validUntil }
      } catch (cause) {
        if (!(cause instanceof IdentityError)) throw cause
        const { status, message } = statusOf(cause, profile)
        throw new RpcError(status, message, { cause })
      }
    },
  })
  const server = createRpcServer({ services: [service] })
  const bound = await listenServer(server, { address: `127.0.0.1:${port}`, credentials: 'plaintext' })
  return {
    port: bound,
    useCa: (other) => holder.replace(other.issuer, clock.now()),
    stop() {
      server.forceShutdown()
      transport[Symbol.dispose]()
    },
  }
}
