/** Writes a tag and the minimal length of the content that begins at `offset`, in front of it; returns where they begin. */
export function writeHeaderBefore(bytes: Uint8Array, offset: number, tag: number, length: number): number {
  let at = offset
  if (length < 0x80) {
    bytes[--at] = length
  } else {
    for (let rest = length; rest > 0; rest >>= 8) bytes[--at] = rest & 0xff
    bytes[at - 1] = 0x80 | (offset - at)
    at--
  }
  bytes[--at] = tag
  return at
}

/** Writes ASCII text as an element that ends at `end`; returns where it begins. */
export function writeTextBefore(bytes: Uint8Array, end: number, tag: number, text: string): number {
  const start = end - text.length
  for (let at = 0; at < text.length; at++) bytes[start + at] = text.charCodeAt(at)
  return writeHeaderBefore(bytes, start, tag, text.length)
}
