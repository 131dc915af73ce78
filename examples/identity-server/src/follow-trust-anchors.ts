import { createTrustAnchors, type TrustAnchors } from '@meshid/certificate'
import type { ReadinessNote } from '@meshid/example-operations'
import type { MountSnapshot } from '@meshid/mounts'
import { codedText, codeOf } from './coded-text.ts'
import { followMount, type FollowOptions } from './follow-mount.ts'
import type { ReloadObserver } from './metrics/count-reloads.ts'
import { readBundle } from './read-bundle.ts'

/** The key of the ConfigMap `linkerd-identity-trust-roots`. */
export const TRUST_ROOTS_FILE = 'ca-bundle.crt'

/** The trust anchors in use; they follow their file (Q16). */
export interface FollowedTrustAnchors {
  readonly current: TrustAnchors
  /** Why what lies there now is not in use. */
  readonly refusal: ReadinessNote | undefined
  /** Called after each update. */
  onUpdate: () => void
}

export interface FollowTrustAnchorsOptions extends FollowOptions {
  readonly reloads: ReloadObserver
}

/** Reads the trust anchors and follows them; a bundle that cannot be used is skipped, with a warning and a note. */
export async function followTrustAnchors(
  directory: string,
  options: FollowTrustAnchorsOptions,
): Promise<FollowedTrustAnchors> {
  const { log, clock, reloads } = options
  let refusal: ReadinessNote | undefined
  const followed = await followMount(directory, {
    ...options,
    files: [TRUST_ROOTS_FILE],
    parse: readTrustAnchors,
    onChanged({ ignored }) {
      refusal = undefined
      reloads('trust-anchors', 'accepted')
      for (const sentence of ignored) log.warn(sentence)
      log.info('Updated trust anchors')
      anchors.onUpdate()
    },
    onRejected(error) {
      const text = codedText(error)
      refusal = { reason: `trust anchors update refused, the old ones are in use: ${text}`, since: clock.now() }
      reloads('trust-anchors', 'refused')
      log.warn({ code: codeOf(error) }, `Skipping trust anchors update as they could not be read from disk: ${text}`)
    },
    onRestored: () => void (refusal = undefined),
  })
  reloads('trust-anchors', 'accepted')
  for (const sentence of followed.current.ignored) log.warn(sentence)
  const anchors: FollowedTrustAnchors = {
    get current() {
      return followed.current.trustAnchors
    },
    get refusal() {
      return refusal
    },
    onUpdate() {},
  }
  return anchors
}

function readTrustAnchors(snapshot: MountSnapshot) {
  const { certificates, ignored } = readBundle(snapshot, TRUST_ROOTS_FILE)
  return { trustAnchors: createTrustAnchors(certificates), ignored }
}
