/** What a judge says of one chain. */
export interface Verdict {
  readonly accepted: boolean
  /** Why not. */
  readonly message: string
}
