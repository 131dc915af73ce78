const LINE_LENGTH = 64
const label = /^[A-Z0-9](?:[A-Z0-9 ]*[A-Z0-9])?$/

/**
 * Writes one PEM block: lines of 64 characters, LF, and a line break at the end, so that blocks can be concatenated.
 *
 * @throws RangeError when the label is not upper-case words, or there are no bytes
 * @see RFC 7468 section 3
 */
export function encodePem(labelText: string, bytes: Uint8Array): string {
  if (!label.test(labelText)) throw new RangeError('PEM label: expected upper-case words, found something else')
  if (bytes.length === 0) throw new RangeError('PEM: expected at least one byte, found none')
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  const base64 = btoa(binary)
  let body = ''
  for (let at = 0; at < base64.length; at += LINE_LENGTH) body += `${base64.slice(at, at + LINE_LENGTH)}\n`
  return `-----BEGIN ${labelText}-----\n${body}-----END ${labelText}-----\n`
}
