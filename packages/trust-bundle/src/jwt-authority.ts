import type { JsonObject } from './json-value.ts'
import { writeJson } from './json-value.ts'

/** Makes an authority of an entry that was checked; the package does not export it. */
export let createJwtAuthority: (keyId: string, jwk: JsonObject) => JwtAuthority

/** Says whether a value was made here; the package does not export it. */
export let isJwtAuthority: (value: object) => boolean

/**
 * A key for JWT-SVIDs, kept as the document had it: nothing here reads tokens. Made only by the readers of documents.
 *
 * @see SPIFFE rules JWT-20 to JWT-22
 */
export class JwtAuthority {
  /** The `kid` by which tokens name it. */
  readonly keyId: string
  readonly #json: string

  private constructor(keyId: string, jwk: JsonObject) {
    this.keyId = keyId
    this.#json = writeJson(jwk)
    Object.freeze(this)
  }

  static {
    createJwtAuthority = (keyId, jwk) => new JwtAuthority(keyId, jwk)
    isJwtAuthority = (value) => #json in value
  }

  /** The JWK as compact JSON. */
  get json(): string {
    return this.#json
  }
}
