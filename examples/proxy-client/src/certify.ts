import { hostname } from 'node:os'
import { formatAddress, type ListenAddress } from '@meshid/example-operations'
import {
  DEFAULT_MAX_REFRESH_MS,
  LINKERD_MIN_REFRESH_MS,
  linkerdSchedule,
  type RefreshSchedule,
  SPREAD_MIN_REFRESH_MS,
  spreadSchedule,
} from '@meshid/refresh'
import { createIdentityClient, type IdentityClient } from '@meshid/rpc'
import { type Certify, formatWorkloadName } from '@meshid/workload'
import type { Environment } from './environment.ts'

/** Asks the identity service by gRPC; its own sidecar or network gives the secrecy, as in Linkerd. */
export function certifyOverGrpc(address: ListenAddress): { certify: Certify; client: IdentityClient } {
  const client = createIdentityClient({ address: formatAddress(address), credentials: 'plaintext' })
  const certify: Certify = async ({ identity, token, csr }, { signal }) => {
    const answer = await client.certify({ identity, token, certificateSigningRequest: csr }, { signal })
    return {
      leaf: answer.leafCertificate,
      intermediates: answer.intermediateCertificates,
      validUntil: answer.validUntil,
    }
  }
  return { certify, client }
}

/** Linkerd's schedule for a Linkerd name, otherwise one that spreads a fleet; the environment's limits hold for both. */
export function scheduleOf({ name, minRefreshMs, maxRefreshMs }: Environment): RefreshSchedule {
  const maxMs = maxRefreshMs ?? DEFAULT_MAX_REFRESH_MS
  const defaultMinMs = name.kind === 'dns' ? LINKERD_MIN_REFRESH_MS : SPREAD_MIN_REFRESH_MS
  const minMs = minRefreshMs ?? Math.min(defaultMinMs, maxMs)
  const limits = { minMs, maxMs: Math.max(minMs, maxMs) }
  if (name.kind === 'dns') return linkerdSchedule(limits)
  return spreadSchedule({ seed: `${formatWorkloadName(name)} ${hostname()} ${process.pid}`, ...limits })
}
