/** An instant as Go's `time.Time` prints itself: `2026-11-21 22:28:00 +0000 UTC`. X.509 has whole seconds. */
export function formatGoTime(instant: Date): string {
  const text = instant.toISOString() // of the years 0 to 9999 always as long
  return `${text.slice(0, 10)} ${text.slice(11, 19)} +0000 UTC`
}
