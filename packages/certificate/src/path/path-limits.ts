import { MAX_CANDIDATES, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, MAX_INTERMEDIATES } from '../limits.ts'
import { MAX_NAME_COMPARISONS, MAX_SIGNATURE_CHECKS } from '../limits.ts'

/** How large a chain may be, and how much work may be spent on finding a path. Mesh chains are short (X509-30); bridged ones are not. */
export interface PathLimits {
  /** Most certificates of a chain: the one in question and its pool; {@link MAX_CHAIN_CERTIFICATES} by default. */
  readonly maxCertificates: number
  /** Most bytes of them all; {@link MAX_CHAIN_BYTES} by default. */
  readonly maxBytes: number
  /** Most intermediates of a path, not counting self-issued ones (RFC 5280 section 6.1.2 (k)); {@link MAX_INTERMEDIATES} by default. */
  readonly maxIntermediates: number
  /** Most issuers that are looked at, those on dead ends included; {@link MAX_CANDIDATES} by default. */
  readonly maxCandidates: number
  /** Most signatures that are verified; {@link MAX_SIGNATURE_CHECKS} by default. */
  readonly maxSignatureChecks: number
  /** Most comparisons of a name with a name constraint; {@link MAX_NAME_COMPARISONS} by default. */
  readonly maxNameComparisons: number
}

const defaults: PathLimits = {
  maxCertificates: MAX_CHAIN_CERTIFICATES,
  maxBytes: MAX_CHAIN_BYTES,
  maxIntermediates: MAX_INTERMEDIATES,
  maxCandidates: MAX_CANDIDATES,
  maxSignatureChecks: MAX_SIGNATURE_CHECKS,
  maxNameComparisons: MAX_NAME_COMPARISONS,
}

/** The defaults with what is said otherwise. @throws RangeError for a limit that would not limit */
export function pathLimits(own: Partial<PathLimits> | undefined): PathLimits {
  if (own === undefined) return defaults
  const limits = { ...defaults, ...own }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name}: expected a whole number from 0, found ${String(value)}`)
    }
  }
  return limits
}
