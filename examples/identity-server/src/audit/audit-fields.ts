import type { CertifyEvent } from '@meshid/identity'

/** The end of a certify request that somebody was told of. */
export type Decision = Extract<CertifyEvent, { readonly type: 'issued' | 'refused' }>

/** Who it was and what they got, in JSON; what a token does not say is left out. */
export type AuditFields = Readonly<Record<string, string | undefined>>

/** The certificate and the bound token behind it (Q29). The name, the end and the fingerprint are elsewhere in the line. */
export function issuedFields({ serialNumber, account }: Extract<Decision, { readonly type: 'issued' }>): AuditFields {
  const { username, podName, podUid, nodeName, nodeUid, credentialId } = account
  return {
    serial_number: serialNumber,
    account: username,
    pod: podName,
    pod_uid: podUid,
    node: nodeName,
    node_uid: nodeUid,
    credential_id: credentialId,
  }
}

/** A whole line of the audit log. */
export function auditFields(decision: Decision, { time, peer }: { time: Date; peer: string | undefined }): AuditFields {
  const { type, identity } = decision
  const seen = { time: time.toISOString(), decision: type, identity, peer }
  if (type === 'refused') return { ...seen, code: decision.code, reason: decision.reason }
  const { notAfter, fingerprint } = decision
  return { ...seen, ...issuedFields(decision), not_after: notAfter.toISOString(), fingerprint }
}
