import { basename, dirname } from 'node:path'
import type { TrustAnchors } from '@meshid/certificate'
import { type MountEvent, type PollClock, watchMount } from '@meshid/mounts'
import { MAX_TRUST_ANCHORS_LENGTH, type ParsedTrustAnchors, parseTrustAnchors } from './parse-trust-anchors.ts'
import type { TrustAnchorSource } from './trust-anchor-source.ts'

/** What happens to a bundle that is followed. */
export type TrustAnchorEvent =
  /** These anchors count from now on; also told of the first. */
  | ({ readonly type: 'adopted' } & ParsedTrustAnchors)
  /** What lies there cannot be used; the anchors in use stay. */
  | Extract<MountEvent, { type: 'rejected' }>
  /** Events of the watch itself. */
  | Extract<MountEvent, { type: 'restored' | 'watcher-failed' | 'watcher-restarted' }>

/** Options of {@link followTrustAnchors}. */
export interface FollowTrustAnchorsOptions {
  /** Usually `systemClock` of @meshid/refresh. */
  readonly clock: PollClock
  /** What a missed event of the file system costs at most. Default 30 s (`DEFAULT_POLL_INTERVAL_MS`). */
  readonly pollIntervalMs?: number
  /** What counts until the file can be read for the first time; without it the first reading must succeed. */
  readonly fallback?: TrustAnchors
  /** Is told what happens, after the anchors have changed. What it throws is dropped. */
  readonly observer?: (event: TrustAnchorEvent) => void
}

/** Trust anchors that follow a file. Dispose of it to stop. */
export interface FollowedTrustAnchors extends TrustAnchorSource, AsyncDisposable {}

/**
 * Follows a bundle in PEM, such as the `ca-bundle.crt` of a mounted ConfigMap, so that roots are replaced without a
 * restart (Linkerd's proxy keeps those that it started with). A bundle that cannot be read, is broken or holds no anchor
 * never replaces one that can be used.
 * @throws WorkloadError WORKLOAD_TRUST_ANCHORS_INVALID, or MountsError when the file cannot be read, if there is no fallback
 */
export async function followTrustAnchors(
  path: string,
  { clock, pollIntervalMs, fallback, observer }: FollowTrustAnchorsOptions,
): Promise<FollowedTrustAnchors> {
  const file = basename(path)
  let current = fallback
  const watch = watchMount<ParsedTrustAnchors>(dirname(path), {
    files: [file],
    maxBytes: MAX_TRUST_ANCHORS_LENGTH,
    clock,
    ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
    parse: (snapshot) => parseTrustAnchors(snapshot.text(file)),
    observer: (event) => {
      const adopted = event.type === 'changed' ? watch.current : undefined
      if (adopted) {
        current = adopted.trustAnchors
        observer?.({ type: 'adopted', ...adopted })
      } else if (event.type !== 'changed') observer?.(event)
    },
  })
  await watch.check() // The first reading.
  if (current === undefined) {
    const { rejection } = watch.status()
    await watch[Symbol.asyncDispose]()
    throw rejection?.error
  }
  return Object.freeze({
    get current(): TrustAnchors {
      return current as TrustAnchors
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  })
}
