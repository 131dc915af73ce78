import { dns1123LabelErrors, parseSpiffeId, type SpiffeId, SpiffeIdError } from '@meshid/spiffe-id'
import { WorkloadError } from './errors.ts'

/** Most bytes of a DNS name, as DNS-1123 has it. */
const MAX_DNS_NAME_BYTES = 253

/** Who a workload is: a SPIFFE ID (profile `spiffe`), or Linkerd's DNS form (profile `linkerd`). */
export type WorkloadName =
  | { readonly kind: 'spiffe'; readonly spiffeId: SpiffeId }
  | { readonly kind: 'dns'; readonly dnsName: string }

const refuse = (found: string, cause?: unknown): WorkloadError => {
  const expected = 'a SPIFFE ID with a path, or a DNS name of two or more labels'
  const detail = { expected, found: found.slice(0, 300) }
  return new WorkloadError(
    'WORKLOAD_NAME_INVALID',
    `workload name: expected ${expected}, found ${JSON.stringify(detail.found)}`,
    {
      detail,
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

/**
 * Reads the own name of a workload; one that begins with `spiffe:` must be a SPIFFE ID with a path (X509-7), anything else
 * a DNS name of two or more DNS-1123 labels (Linkerd's `proxy-identity/main.go`).
 * @throws WorkloadError WORKLOAD_NAME_INVALID
 */
export function parseWorkloadName(text: string): WorkloadName {
  if (text.startsWith('spiffe:')) {
    const spiffeId = readSpiffeId(text)
    if (spiffeId.path === '') throw refuse(text)
    return Object.freeze({ kind: 'spiffe', spiffeId })
  }
  const labels = text.split('.')
  const wrong =
    labels.length < 2 ||
    text.length > MAX_DNS_NAME_BYTES ||
    labels.some((label) => dns1123LabelErrors(label).length > 0)
  if (wrong) throw refuse(text)
  return Object.freeze({ kind: 'dns', dnsName: text })
}

function readSpiffeId(text: string): SpiffeId {
  try {
    return parseSpiffeId(text)
  } catch (cause) {
    if (!(cause instanceof SpiffeIdError)) throw cause
    throw refuse(text, cause)
  }
}

/** The name as it is sent in a certify request. */
export function formatWorkloadName(name: WorkloadName): string {
  return name.kind === 'spiffe' ? name.spiffeId.toString() : name.dnsName
}
