import { encodeElement } from './element.ts'
import { DerError } from './errors.ts'
import { Tag } from './tag.ts'

/** First year that is a GeneralizedTime; years before it, from 1950, are UTCTime (RFC 5280 4.1.2.5). */
export const FIRST_GENERALIZED_YEAR = 2050

const UTC_LENGTH = 13
const GENERALIZED_LENGTH = 15
const SHAPE = { [Tag.utcTime]: 'YYMMDDHHMMSSZ', [Tag.generalizedTime]: 'YYYYMMDDHHMMSSZ' }

/** Milliseconds since the epoch of a UTCTime or GeneralizedTime in the X.509 profile. */
export function decodeTime(tag: number, bytes: Uint8Array, start: number, end: number): number {
  const time = decodeSeconds(tag, bytes, start, end)
  if (tag === Tag.generalizedTime && new Date(time).getUTCFullYear() < FIRST_GENERALIZED_YEAR) {
    throw new DerError('DER_TIME_WRONG_TYPE', {
      offset: start,
      expected: 'a UTCTime for a year before 2050',
      found: 'a GeneralizedTime',
    })
  }
  return time
}

/** Throws unless the content is a time that DER allows anywhere, fractions and early years included (X.690 11.7, 11.8). */
export function checkTime(tag: number, bytes: Uint8Array, start: number, end: number): void {
  let whole = end
  if (tag === Tag.generalizedTime && end - start > GENERALIZED_LENGTH) {
    whole = start + GENERALIZED_LENGTH - 1
    const fraction = String.fromCharCode(...bytes.subarray(whole, Math.min(end, whole + GENERALIZED_LENGTH)))
    if (end - whole > GENERALIZED_LENGTH || !/^\.\d*[1-9]Z$/.test(fraction)) failTime(tag, start)
  }
  decodeSeconds(tag, bytes, start, end, whole)
}

function decodeSeconds(tag: number, bytes: Uint8Array, start: number, end: number, whole: number = end): number {
  const isGeneralized = tag === Tag.generalizedTime
  const digits = isGeneralized ? GENERALIZED_LENGTH - 1 : UTC_LENGTH - 1
  const suffix = whole === end ? 1 : 0
  if (whole - start !== digits + suffix || bytes[end - 1] !== 0x5a) failTime(tag, start)
  for (let at = start; at < start + digits; at++) {
    const octet = bytes[at] as number
    if (octet < 0x30 || octet > 0x39) failTime(tag, start)
  }
  const rest = start + digits - 10
  const shortYear = pair(bytes, rest - 2)
  const year = isGeneralized ? pair(bytes, start) * 100 + shortYear : shortYear + (shortYear < 50 ? 2000 : 1900)
  const month = pair(bytes, rest)
  const day = pair(bytes, rest + 2)
  const hour = pair(bytes, rest + 4)
  const minute = pair(bytes, rest + 6)
  const second = pair(bytes, rest + 8)
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  if (!isReal || hour > 23 || minute > 59 || second > 59) failTime(tag, start)
  return toEpoch(year, [month, day, hour, minute, second])
}

function pair(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - 0x30) * 10 + (bytes[at + 1] as number) - 0x30
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999, so the year is shifted by one 400-year cycle and back. */
function toEpoch(year: number, [month, day, hour, minute, second]: [number, number, number, number, number]): number {
  const cycleMs = 146_097 * 86_400_000
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - cycleMs
}

function failTime(tag: number, offset: number): never {
  const expected = `${SHAPE[tag as keyof typeof SHAPE]} with a real date`
  throw new DerError('DER_TIME_INVALID', { offset, expected, found: 'something else' })
}

/**
 * Encodes an instant as X.509 writes it: UTCTime from 1950 to 2049, GeneralizedTime from 2050.
 *
 * @throws RangeError when the date is invalid, not on a whole second, before 1950 or after 9999
 * @see RFC 5280 section 4.1.2.5
 */
export function encodeTime(date: Date): Uint8Array {
  const time = date.getTime()
  const year = date.getUTCFullYear()
  if (!Number.isFinite(time) || time % 1000 !== 0 || year < 1950 || year > 9999) {
    throw new RangeError('time: expected a whole second from 1950 to 9999, found something else')
  }
  const text = date.toISOString().replace(/[-:T]|\.000/g, '')
  const isGeneralized = year >= FIRST_GENERALIZED_YEAR
  const content = Uint8Array.from(isGeneralized ? text : text.slice(2), (character) => character.charCodeAt(0))
  return encodeElement(isGeneralized ? Tag.generalizedTime : Tag.utcTime, content)
}
