import type { TrustBundle } from './trust-bundle.ts'

/** How often to ask for a bundle that says nothing of it (BUNDLE-27). */
export const DEFAULT_REFRESH_INTERVAL_MS = 300_000

/** The shortest interval, whatever a publisher wishes. */
export const MIN_REFRESH_INTERVAL_MS = 10_000

/** The longest interval, whatever a publisher wishes: a day. */
export const MAX_REFRESH_INTERVAL_MS = 86_400_000

/**
 * How long to wait before this bundle is fetched again: its hint, within {@link MIN_REFRESH_INTERVAL_MS} and
 * {@link MAX_REFRESH_INTERVAL_MS}, or {@link DEFAULT_REFRESH_INTERVAL_MS} without one.
 *
 * @see SPIFFE rules BUNDLE-9 and BUNDLE-27
 */
export function refreshIntervalMs({ refreshHintMs = DEFAULT_REFRESH_INTERVAL_MS }: TrustBundle): number {
  return Math.min(Math.max(refreshHintMs, MIN_REFRESH_INTERVAL_MS), MAX_REFRESH_INTERVAL_MS)
}
