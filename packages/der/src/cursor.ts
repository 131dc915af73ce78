import { DerError } from './errors.ts'
import { isBefore } from './set-order.ts'
import { describeTag, isStrictTag, Tag } from './tag.ts'

/** Longest input that is read unless told otherwise: 1 MiB, room for a large trust bundle. */
export const DER_MAX_BYTES = 0x100000

/** Deepest nesting that is read unless told otherwise; a certificate with every extension stays below 12. */
export const DER_MAX_DEPTH = 32

/** Options of `DerReader`. */
export interface DerReaderOptions {
  /** Offset of the first byte to read; 0 by default. */
  readonly start?: number
  /** Offset after the last byte to read; the end of the bytes by default. */
  readonly end?: number
  /** Most bytes between `start` and `end`; {@link DER_MAX_BYTES} by default. */
  readonly maxBytes?: number
  /** Most elements open at once; {@link DER_MAX_DEPTH} by default. */
  readonly maxDepth?: number
}

/** The moving half of `DerReader`: tags, lengths and nesting; what stands in an element it does not know. */
export class DerCursor {
  readonly bytes: Uint8Array
  readonly #maxDepth: number
  /** Where the elements that hold the open one end; made long enough for most, since growing an array is dear. */
  readonly #ends: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  #depth = 0
  #offset: number
  #end: number
  #start: number
  #contentStart: number
  #contentEnd: number

  /** @throws RangeError when `start` and `end` do not lie in the bytes in this order */
  constructor(bytes: Uint8Array, options?: DerReaderOptions) {
    const start = options?.start ?? 0
    const end = options?.end ?? bytes.length
    const limit = options?.maxBytes ?? DER_MAX_BYTES
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`range: expected 0 <= start <= end <= ${bytes.length}, found ${start} and ${end}`)
    }
    if (end - start > limit) throw new DerError('DER_TOO_LARGE', { found: `${end - start} bytes`, limit })
    this.bytes = bytes
    this.#maxDepth = options?.maxDepth ?? DER_MAX_DEPTH
    this.#offset = start
    this.#end = end
    this.#start = start
    this.#contentStart = start
    this.#contentEnd = start
  }

  /** Offset of the next byte to read. */
  get offset(): number {
    return this.#offset
  }

  /** Whether the open element (or the whole range) has been read to its end. */
  get done(): boolean {
    return this.#offset === this.#end
  }

  /** Offset of the last element's tag. */
  get start(): number {
    return this.#start
  }

  /** Offset of the last element's content. */
  get contentStart(): number {
    return this.#contentStart
  }

  /** Offset after the last element, which is the end of its content. */
  get contentEnd(): number {
    return this.#contentEnd
  }

  /** Tag of the next element, or -1 at the end of the open element. */
  peek(): number {
    return this.#offset < this.#end ? (this.bytes[this.#offset] as number) : -1
  }

  /** Reads the header of an element that must have this tag, and moves past its content without looking into it. */
  next(tag: number): void {
    const start = this.#offset
    const end = this.#end
    const bytes = this.bytes
    let contentStart = start + 2
    if (contentStart > end || bytes[start] !== tag) failHeader(bytes, start, end, tag)
    let contentEnd = contentStart + (bytes[start + 1] as number)
    if (contentEnd >= contentStart + 0x80) {
      contentStart = longContentStart(bytes, start + 1, end)
      contentEnd = contentStart + longLength(bytes, start + 2, contentStart)
    }
    if (contentEnd > end) failTruncated(start, end, `${contentEnd - contentStart} bytes of content`)
    this.#start = start
    this.#contentStart = contentStart
    this.#contentEnd = contentEnd
    this.#offset = contentEnd
  }

  /** Moves past the next element, whatever its tag; its content is not checked. */
  skip(): void {
    const tag = this.peek()
    if (tag !== Tag.sequence && tag >= 0 && !isStrictTag(tag)) {
      throw new DerError('DER_TAG_INVALID', { offset: this.#offset, found: describeTag(tag) })
    }
    this.next(tag)
  }

  /**
   * Opens an element: what follows is read inside it until {@link leave}. Works on OCTET STRINGs that hold DER too.
   *
   * It is the last element then, with all its content. Reads the header by the same lines as {@link next}, since a call in
   * either place makes parsing a request a fifth slower.
   */
  enter(tag: number): void {
    if (this.#depth >= this.#maxDepth) failDepth(this.#offset, this.#maxDepth)
    const start = this.#offset
    const end = this.#end
    const bytes = this.bytes
    let contentStart = start + 2
    if (contentStart > end || bytes[start] !== tag) failHeader(bytes, start, end, tag)
    let contentEnd = contentStart + (bytes[start + 1] as number)
    if (contentEnd >= contentStart + 0x80) {
      contentStart = longContentStart(bytes, start + 1, end)
      contentEnd = contentStart + longLength(bytes, start + 2, contentStart)
    }
    if (contentEnd > end) failTruncated(start, end, `${contentEnd - contentStart} bytes of content`)
    this.#ends[this.#depth++] = end
    this.#start = start
    this.#contentStart = contentStart
    this.#contentEnd = contentEnd
    this.#offset = contentStart
    this.#end = contentEnd
  }

  /** Opens a SET OF after checking that its elements ascend (X.690 11.6); give the tag of an implicitly tagged one. */
  enterSetOf(tag: number = Tag.set): void {
    this.enter(tag)
    const first = this.#offset
    // One element of a short length, as in most sets, needs no look ahead: its header is checked when it is read.
    if (first + 2 + (this.bytes[first + 1] as number) === this.#end) return
    let previous = first
    while (!this.done) {
      this.skip()
      if (this.#start !== previous && isBefore(this.bytes, this.#start, this.#contentEnd, previous)) {
        throw new DerError('DER_SET_NOT_SORTED', { offset: this.#start, expected: 'ascending elements' })
      }
      previous = this.#start
    }
    this.#offset = first
  }

  /**
   * Closes the element that was opened last; it must have been read to its end.
   *
   * @throws Error when no element is open
   */
  leave(): void {
    if (this.#depth === 0 || this.#offset !== this.#end) failLeave(this.#depth, this.#offset, this.#end)
    this.#end = this.#ends[--this.#depth] as number
  }

  /**
   * Checks that the whole range was read.
   *
   * @throws Error when an element is still open
   */
  end(): void {
    if (this.#depth > 0) throw new Error(`end: expected no open element, found ${this.#depth}`)
    if (this.#offset !== this.#end) failTrailing(this.#offset, this.#end)
  }

  /** A view (no copy) of the last element, tag and length included. */
  element(): Uint8Array {
    return this.bytes.subarray(this.#start, this.#contentEnd)
  }

  /** A view (no copy) of the last element's content. */
  content(): Uint8Array {
    return this.bytes.subarray(this.#contentStart, this.#contentEnd)
  }

  /** Whether the last element, tag and length included, is exactly these bytes; the fast way to compare OIDs. */
  elementEquals(expected: Uint8Array): boolean {
    const bytes = this.bytes
    const start = this.#start
    const length = expected.length
    if (this.#contentEnd - start !== length) return false
    for (let at = 0; at < length; at++) if (bytes[start + at] !== expected[at]) return false
    return true
  }
}

// What fails is kept out of the methods, so that the rest is short enough to be inlined.

function longContentStart(bytes: Uint8Array, at: number, end: number): number {
  const count = (bytes[at] as number) & 0x7f
  if (count === 0) throw new DerError('DER_LENGTH_INDEFINITE', { offset: at, expected: 'a definite length' })
  if (count > 4 || at + 1 + count > end) failTruncated(at, end, `a length of ${count} octets`)
  return at + 1 + count
}

function longLength(bytes: Uint8Array, from: number, to: number): number {
  let length = 0
  for (let at = from; at < to; at++) length = length * 0x100 + (bytes[at] as number)
  if (length < 0x80 || bytes[from] === 0) {
    throw new DerError('DER_LENGTH_NOT_MINIMAL', { offset: from - 1, expected: 'the fewest octets for a length' })
  }
  return length
}

function failHeader(bytes: Uint8Array, offset: number, end: number, tag: number): never {
  const found = offset < end ? (bytes[offset] as number) : -1
  if (found === tag && tag >= 0) throw new DerError('DER_TRUNCATED', { offset, expected: 'a length', found: 'the end' })
  const expected = tag < 0 ? 'an element' : describeTag(tag)
  throw new DerError('DER_TAG_MISMATCH', { offset, expected, found: describeTag(found) })
}

function failTruncated(offset: number, end: number, expected: string): never {
  throw new DerError('DER_TRUNCATED', { offset, expected, found: `the end at ${end}` })
}

function failDepth(offset: number, limit: number): never {
  throw new DerError('DER_TOO_DEEP', { offset, limit })
}

function failLeave(depth: number, offset: number, end: number): never {
  if (depth === 0) throw new Error('leave: expected an open element, found none')
  failTrailing(offset, end)
}

function failTrailing(offset: number, end: number): never {
  throw new DerError('DER_TRAILING_BYTES', { offset, found: `${end - offset} more bytes` })
}
