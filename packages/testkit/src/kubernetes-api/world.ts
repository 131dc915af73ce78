import type { Authorizer } from './authorizer.ts'
import type { Cluster } from './cluster.ts'
import type { TokenSigner } from './tokens.ts'

/** Everything that the endpoints of the stand-in share. */
export interface KubernetesWorld {
  readonly cluster: Cluster
  readonly signer: TokenSigner
  readonly authorizer: Authorizer
  readonly clock: { now(): Date }
  /** The API server's own audiences, which the tokens of its callers need. */
  readonly audiences: readonly string[]
  /** False stands for an old webhook authenticator that knows no audiences. */
  readonly knowsAudiences: boolean
  /** The least life that a TokenRequest may ask for, in seconds. */
  readonly minExpirationSeconds: number
  /** Opaque tokens and the user names behind them, as in a static token file. */
  readonly staticTokens: ReadonlyMap<string, string>
  /** Every event that was created, oldest first. */
  readonly events: object[]
}
