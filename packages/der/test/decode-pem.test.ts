import { decodePem, DerError, encodePem } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { hex } from './code-of.ts'

const block = (body: string, label = 'DATA') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`

function errorOf(text: string, options = {}): { code: string; line: number | undefined } | undefined {
  try {
    decodePem(text, options)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return { code: error.code, line: error.detail.line }
  }
  return undefined
}

describe('decodePem reads (RFC 7468)', () => {
  test('every block, in order, with its label, bytes and line', () => {
    expect(decodePem(block('AAEC') + block('/+8=', 'EC PRIVATE KEY'))).toEqual([
      { label: 'DATA', bytes: hex('00 01 02'), line: 1 },
      { label: 'EC PRIVATE KEY', bytes: hex('ff ef'), line: 4 },
    ])
  })

  test('Q21: text, comments and blank lines between blocks, and after the last', () => {
    const text = `\ufeff# Linkerd root\nsubject=CN = root\n\n${block('AA==')}\n\n  # --- end of the first ---\n${block('AQ==')}\n\n`
    expect(decodePem(text).map(({ bytes, line }) => [bytes[0], line])).toEqual([
      [0, 4],
      [1, 10],
    ])
  })

  test('Q21: a block of another label does not hide the rest', () => {
    const text = block('AA==', 'CERTIFICATE') + block('AQ==', 'PRIVATE KEY') + block('Ag==', 'CERTIFICATE')
    expect(decodePem(text).map(({ label }) => label)).toEqual(['CERTIFICATE', 'PRIVATE KEY', 'CERTIFICATE'])
  })

  test.each([
    ['CRLF', block('AAEC\nAwQF').replaceAll('\n', '\r\n')],
    ['CR', block('AAEC\nAwQF').replaceAll('\n', '\r')],
    ['indented lines', block('AAEC\nAwQF').replaceAll('\n', '\n    ')],
    ['trailing blanks', block('AAEC\nAwQF').replaceAll('\n', ' \t\n')],
    ['blank lines inside', block('\nAAEC\n\nAwQF\n')],
    ['no line break at the end', block('AAEC\nAwQF').trimEnd()],
    ['lines of any length', block('AAE\nCA\nwQF')],
  ])('%s', (_name, text) => expect(decodePem(text)[0]?.bytes).toEqual(hex('00 01 02 03 04 05')))

  test('text without a block as an empty list', () => {
    expect(decodePem('')).toEqual([])
    expect(decodePem('nothing here, -- really')).toEqual([])
  })

  test('what encodePem wrote', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, index) => index)
    const text = encodePem('CERTIFICATE', bytes)
    expect(text.split('\n').map(({ length }) => length)).toEqual([27, 64, 64, 64, 64, 12, 25, 0])
    expect(decodePem(text + text).map((it) => it.bytes)).toEqual([bytes, bytes])
  })

  test('into frozen records', () => {
    const blocks = decodePem(block('AA=='))
    expect(Object.isFrozen(blocks) && Object.isFrozen(blocks[0])).toBe(true)
  })
})

describe('decodePem names the line of an offence, and drops no block', () => {
  test.each([
    ['no END', '\n-----BEGIN DATA-----\nAAEC\n', 'DER_PEM_UNTERMINATED', 2],
    ['only a BEGIN', '-----BEGIN DATA-----', 'DER_PEM_UNTERMINATED', 1],
    ['another label in END', '-----BEGIN A-----\nAAEC\n-----END B-----', 'DER_PEM_LABEL_MISMATCH', 3],
    ['an END alone', `${block('AAEC')}-----END DATA-----`, 'DER_PEM_UNEXPECTED_END', 4],
    ['a BEGIN in a block', '-----BEGIN A-----\nAAEC\n-----BEGIN A-----\n', 'DER_PEM_BOUNDARY_INVALID', 3],
    [
      'two files without a line break between',
      `${block('AA==').trimEnd()}${block('AA==')}`,
      'DER_PEM_BOUNDARY_INVALID',
      3,
    ],
    ['four dashes', block('AAEC').replaceAll('-----', '----'), 'DER_PEM_BOUNDARY_INVALID', 1],
    ['dashes missing at the end', '-----BEGIN DATA\nAAEC\n-----END DATA-----', 'DER_PEM_BOUNDARY_INVALID', 1],
    ['dashes missing at the start', 'BEGIN DATA-----\nAAEC\n-----END DATA-----', 'DER_PEM_BOUNDARY_INVALID', 1],
    ['lower case', '-----begin DATA-----', 'DER_PEM_BOUNDARY_INVALID', 1],
    ['dashes missing in END', '-----BEGIN DATA-----\nAAEC\n-----END DATA---', 'DER_PEM_BOUNDARY_INVALID', 3],
    ['no label', '-----BEGIN -----\nAAEC\n-----END -----', 'DER_PEM_BOUNDARY_INVALID', 1],
    ['RFC 1421 headers', block('Proc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAEC'), 'DER_PEM_HEADERS', 2],
    ['an empty block', block(''), 'DER_PEM_EMPTY', 3],
  ])('%s', (_name, text, code, line) => expect(errorOf(text)).toEqual({ code, line }))

  test.each([
    ['another character', 'AAEC\nAA*C', 3],
    ['a blank inside a line', 'AA EC', 2],
    ['the URL alphabet', '_-8=', 2],
    ['a letter that only looks right', 'ААЕС', 2],
    ['padding before the end', 'AA==\nAAEC', 3],
    ['padding in a line', 'AA==AAEC', 2],
    ['padding alone', 'AAEC\n=', 3],
    ['too much padding', 'AAE==', 2],
    ['too little padding', 'AA=', 2],
    ['missing padding', 'AAE', 3],
    ['one character left over', 'AAECA', 3],
    ['bits left over', 'AAF=', 2],
    ['bits left over, of four', 'AB==', 2],
  ])('base64 with %s', (_name, body, line) => {
    expect(errorOf(block(body))).toEqual({ code: 'DER_PEM_BASE64_INVALID', line })
  })

  test('too much text and too many blocks', () => {
    expect(errorOf('x'.repeat(11), { maxBytes: 10 })?.code).toBe('DER_PEM_TOO_LARGE')
    expect(errorOf(block('AA==').repeat(3), { maxBlocks: 2 })).toEqual({ code: 'DER_PEM_TOO_LARGE', line: 7 })
    expect(errorOf(block('AA==').repeat(2), { maxBlocks: 2 })).toBeUndefined()
  })

  test('long lines that are almost boundaries cost no time', () => {
    const text = `${'-'.repeat(400_000)}\n${'-BEGIN '.repeat(40_000)}\n${'BEGIN'.repeat(40_000)}`
    const before = performance.now()
    expect(decodePem(text)).toEqual([])
    expect(performance.now() - before).toBeLessThan(1000)
  })
})

describe('encodePem', () => {
  test.each(['', 'data', 'A-B', ' A', 'A\n'])('the label %j is a caller bug', (label) => {
    expect(() => encodePem(label, hex('00'))).toThrow(RangeError)
  })

  test('nothing to encode is a caller bug', () => expect(() => encodePem('DATA', hex(''))).toThrow(RangeError))
})
