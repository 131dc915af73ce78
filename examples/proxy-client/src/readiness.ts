import type { Readiness } from '@meshid/example-operations'
import type { RefreshStatus } from '@meshid/refresh'
import { describeError } from './peer-report.ts'

const awaited: Readonly<Record<RefreshStatus['state'], string>> = {
  'waiting-for-first': 'waiting for the first certificate',
  fresh: '',
  retrying: 'the certificate in use is valid, but its renewal fails',
  expired: 'the certificate has expired; waiting for a new one',
  closed: 'shutting down',
}

/**
 * What `/ready` says: ready while a certificate is valid (Q40) and nobody has asked to stop; otherwise what is awaited,
 * since when, and when it is tried next.
 */
export function readinessOf(status: RefreshStatus, { isStopping }: { readonly isStopping: boolean }): Readiness {
  if (isStopping) return { ready: false, notes: [{ reason: awaited.closed }] }
  const ready = status.state === 'fresh' || status.state === 'retrying'
  if (status.state === 'fresh') return { ready, notes: [] }
  const { code, reason } = status.lastError === undefined ? { code: '', reason: '' } : describeError(status.lastError)
  const note = {
    reason: reason === '' ? awaited[status.state] : `${awaited[status.state]}: ${reason}`,
    since: status.since,
    ...(code === '' ? {} : { code }),
    ...(status.nextAttemptAt ? { nextAttemptAt: status.nextAttemptAt } : {}),
  }
  return { ready, notes: [note] }
}
