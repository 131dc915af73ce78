/** An instant as Go's `time.Time` prints itself: `2026-11-21 22:28:00 +0000 UTC`. X.509 has whole seconds. */
export function formatGoTime(instant: Date): string {
  return instant.toISOString().replace(/^(.*)T(.*)\.\d{3}Z$/, '$1 $2 +0000 UTC')
}
