export type JudgeName = 'openssl' | 'crypto/x509' | 'go-spiffe'

/** Where other judges are known to say the contrary of what a chain deserves, every time. */
export interface ExpectedDisagreement {
  readonly judges: readonly JudgeName[]
  /** Of forged chains. */
  readonly labels: readonly string[]
  /** What those judges do. */
  readonly reason: string
  /** Which rule says what is right, or where it is known. */
  readonly source: string
}

/** The versions whose disagreements these are; others disagree about other things. go-spiffe's is pinned in its go.mod. */
export const knownVersions: Readonly<Record<JudgeName, string>> = {
  openssl: 'OpenSSL 3.0.',
  'crypto/x509': 'go1.26.',
  'go-spiffe': 'go1.26.',
}
