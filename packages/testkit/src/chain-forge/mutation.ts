import type { ChainDraft, ForgeTools } from './draft.ts'
import { distinguishedName } from './extensions.ts'

/** What a chain deserves. */
export type ForgedVerdict = 'accept' | 'refuse'

/** One change of a good chain, and what the changed chain deserves. */
export interface ChainMutation {
  /** Where and what, in a few words. */
  readonly label: string
  /** By RFC 5280 and the purpose, whoever the leaf is. */
  readonly path: ForgedVerdict
  /** As an X.509-SVID of the bundle's trust domain. */
  readonly svid: ForgedVerdict
  /** How many intermediates the chain must have for it. */
  readonly minIntermediates: number
  readonly apply: Change
}

export type Change = (chain: ChainDraft, tools: ForgeTools) => void

/** A change that leaves the chain good. */
export function accepted(label: string, apply: Change, minIntermediates = 0): ChainMutation {
  return { label, path: 'accept', svid: 'accept', minIntermediates, apply }
}

/** A change that breaks the path, and so the SVID. */
export function refused(label: string, apply: Change, minIntermediates = 0): ChainMutation {
  return { label, path: 'refuse', svid: 'refuse', minIntermediates, apply }
}

/** A change that only an SVID must not have. */
export function refusedAsSvid(label: string, apply: Change, minIntermediates = 0): ChainMutation {
  return { label, path: 'accept', svid: 'refuse', minIntermediates, apply }
}

/** A change of a leaf that has a subject: without one, some judges have more to say. */
export function withSubject(change: Change): Change {
  return (chain, tools) => {
    chain.leaf.subject = distinguishedName('web')
    change(chain, tools)
  }
}
