import type { LogLine } from './process.ts'

/** A certificate that a proxy took into use. */
export interface CertifiedEvent {
  readonly id: string
  readonly issuer: string
  readonly serial: string
  readonly notAfter: Date
}

/** What one proxy was seen to do. */
export interface ProxyRecord {
  readonly certificates: CertifiedEvent[]
  /** SPIFFE IDs of peers, read from live TLS connections. */
  readonly peers: Set<string>
  /** Failed attempts to certify, by code. */
  readonly failures: string[]
  /** Whether key.p8 and csr.der are there. */
  hasKey: boolean
}

export const newRecord = (): ProxyRecord => ({ certificates: [], peers: new Set(), failures: [], hasKey: false })

/** Certificates after the first. */
export const rotations = ({ certificates }: ProxyRecord): number => Math.max(0, certificates.length - 1)

/** Names of the issuers that signed them. */
export const issuersSeen = ({ certificates }: ProxyRecord): ReadonlySet<string> =>
  new Set(certificates.map(({ issuer }) => issuer))

/** Notes a line of a proxy's log and returns what to say of it, if anything. */
export function note(record: ProxyRecord, line: LogLine): string | undefined {
  if (line.msg === 'Key and CSR') {
    record.hasKey = true
    return `key.p8 and csr.der ${String(line['kind'])}, mode 0600; the token is for audience identity.l5d.io`
  }
  if (line.msg === 'Certified identity') {
    const event = {
      id: String(line['id']),
      issuer: String(line['issuer']),
      serial: String(line['serial']),
      notAfter: new Date(String(line['not_after'])),
    }
    record.certificates.push(event)
    const which = record.certificates.length === 1 ? 'certified' : `rotated (${rotations(record)})`
    return `${which}: ${event.id} until ${event.notAfter.toISOString().slice(11, 19)}, issued by ${event.issuer}`
  }
  if (line.msg === 'Peer verified') {
    const peer = String(line['peer_id'])
    const isNew = !record.peers.has(peer)
    record.peers.add(peer)
    return isNew ? `${String(line['direction'])} mTLS: the peer is ${peer}` : undefined
  }
  if (line.msg === 'Failed to obtain identity') {
    record.failures.push(String(line['code']))
    return `could not certify: ${String(line['code'])}: ${String(line['reason'])}; next attempt ${String(line['next_attempt'])}`
  }
  if (line.msg === 'Peer refused') return `refused a peer: ${String(line['code'])}: ${String(line['reason'])}`
  return ['stderr', 'error', 'fatal'].includes(line.level) ? line.msg : undefined
}
