/** Orders two encodings as DER orders the elements of a SET OF. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const difference = (one[at] as number) - (other[at] as number)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/** Whether the element from `start` to `end` sorts before the one that starts at `previous` and ends at `start`. */
export function isBefore(bytes: Uint8Array, start: number, end: number, previous: number): boolean {
  const length = Math.min(start - previous, end - start)
  for (let at = 0; at < length; at++) {
    const difference = (bytes[start + at] as number) - (bytes[previous + at] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
