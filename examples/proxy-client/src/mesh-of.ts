import {
  type LinkerdMesh,
  type LinkerdName,
  parseLinkerdName,
  parseTrustDomain,
  type TrustDomain,
} from '@meshid/spiffe-id'
import type { WorkloadName } from '@meshid/workload'
import type { VariableReader } from './variables.ts'

/** The mesh that the own name belongs to: peers are called by names of the same kind. */
export type Mesh =
  | { readonly kind: 'spiffe'; readonly trustDomain: TrustDomain }
  | { readonly kind: 'linkerd'; readonly mesh: LinkerdMesh; readonly ownName: LinkerdName }

/** What listens only makes sense in a mesh; who merely certifies itself may have any DNS name. */
const needsMesh = ['MESHID_INBOUND_APP_ADDR', 'MESHID_OUTBOUND_PEER_ADDR', 'MESHID_OUTBOUND_PEER_ID']

/** Tells the mesh from the own name; a DNS name that is none of Linkerd's is a fault only if something shall listen. */
export function readMesh(reader: VariableReader, name: WorkloadName | undefined): Mesh | undefined {
  if (name?.kind === 'spiffe') return { kind: 'spiffe', trustDomain: name.spiffeId.trustDomain }
  if (name === undefined || !needsMesh.some((variable) => reader.isSet(variable))) return undefined
  return reader.attempt(() => linkerdMeshOf(name.dnsName))
}

function linkerdMeshOf(dnsName: string): Mesh {
  const [, controlNamespace = '', trustDomain = ''] = /\.serviceaccount\.identity\.([^.]+)\.(.+)$/.exec(dnsName) ?? []
  if (trustDomain === '') {
    const expected = '<account>.<namespace>.serviceaccount.identity.<control namespace>.<trust domain>'
    throw new Error(`the own name: expected ${expected}, because peers are checked by such names, found ${dnsName}`)
  }
  const mesh = { controlNamespace, trustDomain: parseTrustDomain(trustDomain) }
  return { kind: 'linkerd', mesh, ownName: parseLinkerdName(dnsName, mesh) }
}
