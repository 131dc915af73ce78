/** One request to the API server; the transport adds the address, its own credentials and the headers. */
export interface KubernetesRequest {
  readonly method: string
  /** Absolute, such as `/apis/authentication.k8s.io/v1/tokenreviews`. */
  readonly path: string
  /** JSON text. It may hold somebody's token: a transport must not log it. */
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** One answer of the API server, whatever its status. */
export interface KubernetesResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/**
 * Carries one request to a Kubernetes API server and its answer back; `createClusterTransport` of
 * `@meshid/token-review/node` is one, and any HTTPS client can be made into one.
 *
 * Trust: the transport decides which server is asked and with whose credentials. It must authenticate the server (its CA),
 * must not follow redirects, and must end promptly, with any error, when `signal` aborts.
 */
export interface KubernetesTransport {
  request(request: KubernetesRequest): Promise<KubernetesResponse>
}
