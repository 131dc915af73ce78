/** The SHA-256 of a token, in base64; at once, or when a pool of threads gets to it. */
export type TokenHash = (token: string) => string | Promise<string>

/** The part of the options of each layer that keeps a table. */
export interface TokenHashing {
  /**
   * How tokens are hashed, for all layers alike. The default is WebCrypto's, which is everywhere, and slow where thousands ask
   * at once: each token waits for a thread of a pool. In Node, `nodeTokenHash` of @meshid/token-review/node needs 2 µs and no thread.
   */
  readonly hash?: TokenHash | undefined
}

/** The SHA-256 of a token, in base64: what every table of this package is keyed by, so that none of them holds a token. */
export async function hashToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
