import { LinkerdName, SpiffeId, SpiffeIdError } from '@meshid/spiffe-id'
import { allOf, authorizeId } from '@meshid/svid'
import type { MeshTrust } from '../mesh-trust.ts'
import type { LinkerdPeerTrust } from '../verify-linkerd-peer.ts'
import type { PeerTrust } from '../verify-peer.ts'

/** Where a client connects to. */
export interface MtlsDestination {
  readonly host: string
  readonly port: number
}

/** Whom to trust wherever one connects to, or whom at which destination. */
export type DestinationTrust<Trust extends MeshTrust = PeerTrust> = Trust | ((destination: MtlsDestination) => Trust)

/** The trust for one destination. */
export function trustAt<Trust extends MeshTrust>(trust: DestinationTrust<Trust>, destination: MtlsDestination): Trust {
  return typeof trust === 'function' ? trust(destination) : trust
}

/**
 * The same trust, for one peer only: what was refused before is refused still.
 * @throws TypeError when the peer is not named in the way of the mesh
 */
export function trustOnly(trust: MeshTrust, expected: SpiffeId | LinkerdName): MeshTrust {
  if ('mesh' in trust) {
    if (expected instanceof LinkerdName) return onlyLinkerd(trust, expected)
    throw new TypeError('expectedPeer: expected a LinkerdName, because peers of this trust are called by those')
  }
  if (!(expected instanceof SpiffeId)) throw new TypeError('expectedPeer: expected a SpiffeId')
  return { ...trust, authorize: allOf(trust.authorize, authorizeId(expected)) }
}

function onlyLinkerd(trust: LinkerdPeerTrust, expected: LinkerdName): LinkerdPeerTrust {
  return {
    ...trust,
    authorize(peer) {
      trust.authorize(peer)
      if (peer.equals(expected)) return
      const detail = { expected: String(expected), found: String(peer) }
      throw new SpiffeIdError('SPIFFE_ID_MISMATCH', `expected ${detail.expected}, found ${detail.found}`, { detail })
    },
  }
}
