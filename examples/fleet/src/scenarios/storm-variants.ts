import type { TokenSharing } from '../cluster/cluster-protocol.ts'

/** One way to set up the server, or the tokens, for a storm. */
export interface StormVariant {
  readonly what: string
  readonly tokens: TokenSharing
  /** Flags of the server beside its defaults. */
  readonly flags: readonly string[]
}

/** The variants by name. */
export const stormVariants = {
  default: { what: 'as the server is by default', tokens: 'account', flags: [] },
  'no-memory': { what: 'answers are not remembered', tokens: 'account', flags: ['--token-cache-ttl=0s'] },
  'no-precheck': { what: 'tokens are not checked here first', tokens: 'account', flags: ['--token-precheck=false'] },
  'pod-tokens': { what: 'each pod has a token of its own', tokens: 'pod', flags: [] },
} as const satisfies Record<string, StormVariant>

export type StormVariantName = keyof typeof stormVariants
