/** The longest piece of a server's text that is kept in an error, in characters: enough for each reason that Kubernetes gives. */
export const MAX_REASON_LENGTH = 512

const JSON_WEB_TOKEN = /eyJ[\w-]*(?:\.[\w-]*)*/g
/** No DNS label is as long (63 at most), so no name of Kubernetes is lost. */
const LONG_SECRET = /[\w+/=-]{64,}/g
const REDACTED = '[redacted]'

/** Makes foreign text fit for a message or a log: printable ASCII, bounded, without the secret or anything that looks like one. */
export function safeText(text: string, secret?: string): string {
  const known = secret === undefined ? text : text.replaceAll(secret, REDACTED)
  const safe = known
    .slice(0, 2 * MAX_REASON_LENGTH)
    .replace(JSON_WEB_TOKEN, REDACTED)
    .replace(LONG_SECRET, REDACTED)
    .replace(/[^\x20-\x7e]/g, '?')
  return safe.length > MAX_REASON_LENGTH ? `${safe.slice(0, MAX_REASON_LENGTH)}...` : safe
}
