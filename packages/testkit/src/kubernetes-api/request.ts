/** Who somebody is, as `status.user` of a TokenReview says it. */
export interface UserInfo {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** One request, after authentication and authorisation. */
export interface ApiRequest {
  readonly user: UserInfo
  /** The captured parts of the path. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** Parsed JSON, or undefined for a GET. */
  readonly body: unknown
}

/** One answer; the body is sent as JSON. */
export interface ApiAnswer {
  readonly status: number
  readonly body: object
}
