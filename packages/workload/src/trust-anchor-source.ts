import type { TrustAnchors } from '@meshid/certificate'

/** Trust anchors that may be replaced while the program runs; whoever verifies reads `current` anew each time. */
export interface TrustAnchorSource {
  readonly current: TrustAnchors
}

/** Anchors that stay, or a place where the ones of the moment are found. */
export type TrustAnchorsOrSource = TrustAnchors | TrustAnchorSource

/** The anchors of this moment. */
export function currentTrustAnchors(trustAnchors: TrustAnchorsOrSource): TrustAnchors {
  return 'current' in trustAnchors ? trustAnchors.current : trustAnchors
}
