import { verifyChain } from '@meshid/certificate'
import type { Logger } from '@meshid/example-operations'
import { fingerprint } from '@meshid/certificate'
import { nodeVerifier } from '@meshid/keys/node'
import { systemClock } from '@meshid/refresh'
import {
  type CertifyLoop,
  followTrustAnchors,
  type FollowedTrustAnchors,
  type ParsedTrustAnchors,
  type TrustAnchorEvent,
} from '@meshid/workload'
import type { Environment } from './environment.ts'
import { describeError } from './peer-report.ts'

/**
 * The proxy's trust anchors: those of the variable, or those of the file, followed while the proxy runs. The variable counts
 * until the file can be read for the first time.
 * @throws WorkloadError or MountsError when there is neither
 */
export async function openTrustAnchors(
  { trustAnchors, trustAnchorsFile }: Pick<Environment, 'trustAnchors' | 'trustAnchorsFile'>,
  { log, onAdopted }: { readonly log: Logger; readonly onAdopted: () => void },
): Promise<FollowedTrustAnchors> {
  if (trustAnchors) warnOfSkipped(log, trustAnchors)
  if (trustAnchorsFile === undefined) return fixed(trustAnchors)
  return followTrustAnchors(trustAnchorsFile, {
    clock: systemClock,
    ...(trustAnchors ? { fallback: trustAnchors.trustAnchors } : {}),
    observer(event) {
      tell(log, event)
      if (event.type === 'adopted') onAdopted()
    },
  })
}

function fixed(parsed: ParsedTrustAnchors | undefined): FollowedTrustAnchors {
  if (parsed === undefined) throw new TypeError('expected trust anchors, found neither a variable nor a file')
  return { current: parsed.trustAnchors, async [Symbol.asyncDispose]() {} }
}

function tell(log: Logger, event: TrustAnchorEvent): void {
  switch (event.type) {
    case 'adopted':
      warnOfSkipped(log, event)
      log.info(
        { fingerprints: event.trustAnchors.certificates.map((anchor) => fingerprint(anchor)).join(' ') },
        'Trust anchors',
      )
      break
    case 'rejected':
      if (event.attempt === 1)
        log.warn(describeError(event.error), 'Trust anchors could not be read; the old ones stay')
      break
    case 'watcher-failed':
      log.warn(describeError(event.error), 'The file of the trust anchors is only polled')
      break
    case 'restored':
    case 'watcher-restarted':
      log.debug(`Trust anchors: ${event.type}`)
      break
  }
}

/** As linkerd2-proxy says it (`creds.rs`). */
function warnOfSkipped(log: Logger, { skipped }: ParsedTrustAnchors): void {
  if (skipped.length === 0) return
  const reasons = skipped.map(({ line, code }) => `line ${line}: ${code}`).join(', ')
  log.warn({ reasons }, `Skipped ${skipped.length} invalid trust anchors`)
}

/** New anchors may make good what was refused, or let the own certificate lead nowhere: then a new one is asked for at once. */
export function certifyForNewAnchors(loop: CertifyLoop, { current: trustAnchors }: FollowedTrustAnchors): void {
  const { state } = loop.status()
  if (state === 'closed' || (state === 'fresh' && isTrusted(loop, trustAnchors))) return
  loop.certifyNow().catch(() => {}) // The report of the loop tells of it.
}

function isTrusted({ source }: CertifyLoop, trustAnchors: FollowedTrustAnchors['current']): boolean {
  const credential = source.current
  if (credential === undefined) return false
  const chain = [credential.leaf, ...credential.intermediates]
  try {
    verifyChain({ chain, trustAnchors, now: systemClock.now(), purpose: 'leaf' }, { verifier: nodeVerifier })
    return true
  } catch {
    return false
  }
}
