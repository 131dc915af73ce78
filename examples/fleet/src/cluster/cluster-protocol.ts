/** What the cluster has: accounts, and pods that are dealt out to them one by one. */
export interface ClusterSize {
  readonly accounts: number
  readonly pods: number
}

/** How slow the API server is. */
export interface ReviewCost {
  /** Real time that each token review takes. */
  readonly reviewDelayMs: number
  /** Reviews that it does in a second; more wait for their turn. */
  readonly reviewsPerSecond: number
}

/** What the process of the API server is started with, as JSON in its first argument. */
export type ClusterOptions = ClusterSize & ReviewCost

/** Who shares a token: all pods of an account, or nobody. */
export type TokenSharing = 'account' | 'pod'

/** What a kubelet and an administrator would know of a cluster. */
export interface ClusterAddress {
  readonly host: string
  readonly port: number
  readonly caPem: string
  readonly callerToken: string
}

/** What the process can be asked. */
export interface ClusterQuestions {
  readonly address: { readonly asked: undefined; readonly answer: ClusterAddress }
  /** A token for each pod, in their order. */
  readonly tokens: { readonly asked: TokenSharing; readonly answer: readonly string[] }
  /** Token reviews that it was asked for since it began. */
  readonly reviews: { readonly asked: undefined; readonly answer: number }
}

export type ClusterQuestion = keyof ClusterQuestions

/** One question on its way to the process; the answer comes back under its number. */
export interface ClusterRequest {
  readonly id: number
  readonly question: ClusterQuestion
  readonly asked: unknown
}

export interface ClusterResponse {
  readonly id: number
  readonly answer: unknown
}

/** The namespace of all accounts and pods of the fleet. */
export const FLEET_NAMESPACE = 'fleet'

/** The account of a pod: pods are dealt out like cards. */
export const accountOf = (pod: number, { accounts }: Pick<ClusterSize, 'accounts'>): string => `app-${pod % accounts}`
