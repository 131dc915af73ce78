import type { CertificateError } from '../errors.ts'
import type { Certificate } from '../parse/certificate.ts'
import type { TrustAnchor } from '../path/trusted-key.ts'
import type { ChainPurpose } from '../path/verified-chain.ts'
import type { RefusedLink } from './path-tree.ts'

/** A refusal and everything that helps to say what to do about it. */
export interface Finding {
  readonly error: CertificateError
  /** Where it was met; nothing for what is wrong with the chain or the anchors as a whole. */
  readonly at: RefusedLink | undefined
  /** Those that could be read, the one in question first. */
  readonly chain: readonly Certificate[]
  readonly anchors: readonly TrustAnchor[]
  readonly now: Date
  readonly purpose: ChainPurpose
}

/** What is wrong, and the next step. */
export interface Advice {
  readonly what: string
  readonly fix: string
}
