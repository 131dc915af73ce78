/** One side of mTLS with go-spiffe; the files are PEM. go-spiffe looks at the real clock. */
export interface GoParty {
  /** The chain, leaf first. */
  readonly svidFile: string
  /** The private key, PKCS#8. */
  readonly keyFile: string
  /** The authorities of the one trust domain that is known. */
  readonly bundleFile: string
  readonly trustDomain: string
  /** The SPIFFE ID of the only peer that is welcome. */
  readonly authorize: string
}

/** A party as the oracle's command line. */
export function partyArguments(party: GoParty): readonly string[] {
  const { svidFile, keyFile, bundleFile, trustDomain, authorize } = party
  const files = ['-svid', svidFile, '-key', keyFile, '-bundle', bundleFile]
  return [...files, '-trust-domain', trustDomain, '-authorize', authorize]
}
