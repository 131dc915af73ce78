/** The longest requested identity in an error or an event that is not a valid name, in characters. */
export const MAX_SAFE_TEXT_LENGTH = 256

/** The longest message that may quote a stranger's text, in characters. */
export const MAX_SAFE_MESSAGE_LENGTH = 1000

/** Makes a stranger's text fit for a log line and a status message: printable ASCII, shortened (Q7). */
export function safeText(text: string, limit: number = MAX_SAFE_TEXT_LENGTH): string {
  const safe = text.slice(0, limit).replace(/[^\x20-\x7e]/g, '?')
  return text.length > limit ? `${safe}...` : safe
}
