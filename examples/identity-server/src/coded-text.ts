/** The stable code of an error, such as `CERT_EXPIRED`, if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** An error in one line: its code, and what was expected and found. */
export function codedText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = codeOf(error)
  return code === undefined ? error.message : `${code}: ${error.message}`
}
