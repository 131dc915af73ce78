import { DerError, type DerErrorCode, type DerErrorDetail } from './errors.ts'

/** Longest PEM text that is read unless told otherwise: 1 MiB, the most a ConfigMap can hold. */
export const PEM_MAX_BYTES = 0x100000

/** Most blocks in one PEM text unless told otherwise; public trust bundles have about 150. */
export const PEM_MAX_BLOCKS = 1024

/** Options of {@link decodePem}. */
export interface DecodePemOptions {
  /** Most characters of text; {@link PEM_MAX_BYTES} by default. */
  readonly maxBytes?: number
  /** Most blocks; {@link PEM_MAX_BLOCKS} by default. */
  readonly maxBlocks?: number
}

/** One block of a PEM text. */
export interface PemBlock {
  /** What the block says it is, such as `CERTIFICATE`. */
  readonly label: string
  readonly bytes: Uint8Array
  /** Line of its BEGIN, counted from 1. */
  readonly line: number
}

const begin = /^-----BEGIN ([!-,.-~](?:[- ]?[!-,.-~])*)-----$/
const end = /^-----END ([!-,.-~](?:[- ]?[!-,.-~])*)-----$/
/** What may have been meant as a boundary: it must not pass for explanatory text. */
const likeBoundary = /--\s?(?:BEGIN|END)\b|\b(?:BEGIN|END)[A-Z0-9 ]{0,64}--|----\s?(?:begin|end)\b/
const padding = /={1,2}$/

/**
 * Reads every block of a PEM text, in order; the text has none when the result is empty.
 *
 * Text, comments and blank lines between blocks are skipped; inside and around blocks nothing is: no block is ever dropped
 * silently. The bytes are not looked at, and nothing is trusted.
 *
 * @throws DerError DER_PEM_TOO_LARGE, DER_PEM_BOUNDARY_INVALID, DER_PEM_UNTERMINATED, DER_PEM_LABEL_MISMATCH,
 *   DER_PEM_UNEXPECTED_END, DER_PEM_HEADERS, DER_PEM_BASE64_INVALID or DER_PEM_EMPTY; `detail.line` names the line
 * @see RFC 7468 sections 2 and 3
 */
export function decodePem(
  text: string,
  { maxBytes = PEM_MAX_BYTES, maxBlocks = PEM_MAX_BLOCKS }: DecodePemOptions = {},
): readonly PemBlock[] {
  if (text.length > maxBytes) {
    throw new DerError('DER_PEM_TOO_LARGE', { found: `${text.length} characters`, limit: maxBytes })
  }
  const blocks: PemBlock[] = []
  let open: OpenBlock | undefined
  let line = 0
  for (const raw of text.split(/\r\n|\n|\r/)) {
    line += 1
    const content = raw.trim()
    if (open !== undefined) {
      if (!content.startsWith('-----END')) {
        addLine(open, content, line)
        continue
      }
      blocks.push(close(open, content, line))
      open = undefined
    } else if (begin.test(content)) {
      if (blocks.length >= maxBlocks) fail('DER_PEM_TOO_LARGE', { line, found: 'another block', limit: maxBlocks })
      open = { label: begin.exec(content)?.[1] ?? '', line, octets: [], bits: 0, bitCount: 0, isPadded: false }
    } else if (end.test(content)) {
      fail('DER_PEM_UNEXPECTED_END', { line, expected: 'a BEGIN before it' })
    } else if (likeBoundary.test(content)) {
      fail('DER_PEM_BOUNDARY_INVALID', { line, expected: 'a whole BEGIN or END line' })
    }
  }
  if (open !== undefined) fail('DER_PEM_UNTERMINATED', { line: open.line, expected: `an END of ${open.label}` })
  return Object.freeze(blocks)
}

interface OpenBlock {
  readonly label: string
  readonly line: number
  readonly octets: number[]
  bits: number
  bitCount: number
  isPadded: boolean
}

function addLine(block: OpenBlock, content: string, line: number): void {
  if (content === '') return
  if (content.includes('-----')) fail('DER_PEM_BOUNDARY_INVALID', { line, expected: `an END of ${block.label}` })
  if (content.includes(': ') && block.octets.length === 0)
    fail('DER_PEM_HEADERS', { line, expected: 'base64', found: 'a header' })
  if (block.isPadded) fail('DER_PEM_BASE64_INVALID', { line, expected: 'the end of the block', found: 'more base64' })
  const pad = padding.exec(content)?.[0].length ?? 0
  for (let at = 0; at < content.length - pad; at++) addCharacter(block, content.charCodeAt(at), line)
  if (pad > 0) finish(block, pad, line)
}

function addCharacter(block: OpenBlock, character: number, line: number): void {
  const sextet = sextetOf(character)
  if (sextet < 0) fail('DER_PEM_BASE64_INVALID', { line, expected: 'base64', found: 'another character' })
  block.bits = ((block.bits << 6) | sextet) & 0xffff
  block.bitCount += 6
  if (block.bitCount < 8) return
  block.bitCount -= 8
  block.octets.push((block.bits >> block.bitCount) & 0xff)
}

function sextetOf(character: number): number {
  if (character >= 0x41 && character <= 0x5a) return character - 0x41
  if (character >= 0x61 && character <= 0x7a) return character - 0x61 + 26
  if (character >= 0x30 && character <= 0x39) return character - 0x30 + 52
  return character === 0x2b ? 62 : character === 0x2f ? 63 : -1
}

/** After the last character 0, 2 or 4 bits are left: they want 0, 1 or 2 signs of padding, and are zero. */
function finish(block: OpenBlock, pad: number, line: number): void {
  const leftover = block.bits & ((1 << block.bitCount) - 1)
  if (block.bitCount !== pad * 2 || leftover !== 0) {
    fail('DER_PEM_BASE64_INVALID', { line, expected: 'canonical padding', found: 'another ending' })
  }
  block.isPadded = true
}

function close(block: OpenBlock, content: string, line: number): PemBlock {
  const label = end.exec(content)?.[1]
  if (label === undefined) fail('DER_PEM_BOUNDARY_INVALID', { line, expected: `an END of ${block.label}` })
  if (label !== block.label) fail('DER_PEM_LABEL_MISMATCH', { line, expected: block.label, found: label })
  if (!block.isPadded) finish(block, 0, line)
  if (block.octets.length === 0) fail('DER_PEM_EMPTY', { line, expected: 'base64', found: 'nothing' })
  return Object.freeze({ label, bytes: Uint8Array.from(block.octets), line: block.line })
}

function fail(code: DerErrorCode, detail: DerErrorDetail): never {
  throw new DerError(code, detail)
}
