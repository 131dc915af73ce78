import { encodeElement, encodeTime, Tag } from '@meshid/der'
import { at, type ChainDraft, type Place, seconds } from './draft.ts'
import { accepted, type ChainMutation, refused } from './mutation.ts'

const places: readonly Place[] = ['leaf', 'issuer', 'root']

/** A place's validity, off by a second, in each direction at each end. */
function bounds(place: Place): readonly ChainMutation[] {
  const intermediates = place === 'issuer' ? 1 : 0
  const starts = (count: number) => (chain: ChainDraft) => void (at(chain, place).notBefore = seconds(chain, count))
  const ends = (count: number) => (chain: ChainDraft) => void (at(chain, place).notAfter = seconds(chain, count))
  return [
    accepted(`${place}: notBefore is now`, starts(0), intermediates),
    refused(`${place}: notBefore is in 1 s`, starts(1), intermediates),
    accepted(`${place}: notAfter is now`, ends(0), intermediates),
    refused(`${place}: notAfter was 1 s ago`, ends(-1), intermediates),
    accepted(`${place}: notAfter is in 1 s`, ends(1), intermediates),
  ]
}

function time(tag: number, text: string): Uint8Array {
  return encodeElement(tag, new TextEncoder().encode(text))
}

/** A notAfter of the leaf in other than the one form of RFC 5280, but after now. */
const wrongForms: Readonly<Record<string, Uint8Array>> = {
  'a GeneralizedTime before 2050': time(Tag.generalizedTime, '20451231235959Z'),
  'a GeneralizedTime with a fraction': time(Tag.generalizedTime, '20551231235959.5Z'),
  'a GeneralizedTime without Z': time(Tag.generalizedTime, '20551231235959'),
  'a GeneralizedTime with an offset': time(Tag.generalizedTime, '20551231235959+0000'),
  'a UTCTime without seconds': time(Tag.utcTime, '4512312359Z'),
  'a UTCTime with an offset': time(Tag.utcTime, '451231235959+0000'),
  'a UTCTime without Z': time(Tag.utcTime, '451231235959'),
  'February 30th': time(Tag.utcTime, '450230000000Z'),
  'month 13': time(Tag.utcTime, '451301000000Z'),
  'second 60': time(Tag.utcTime, '451231235960Z'),
  'no date': time(Tag.utcTime, ''),
  'a string': time(Tag.utf8String, '451231235959Z'),
}

/** Changes of dates: off by a second, at the bound, reversed, in other encodings. */
export const dateMutations: readonly ChainMutation[] = [
  ...places.flatMap(bounds),
  ...Object.entries(wrongForms).map(([what, element]) =>
    refused(`leaf: notAfter is ${what}`, ({ leaf }) => void (leaf.notAfter = element)),
  ),
  refused('leaf: validity is reversed', (chain) => {
    const { leaf } = chain
    ;[leaf.notBefore, leaf.notAfter] = [seconds(chain, 60), seconds(chain, -60)]
  }),
  accepted('leaf: no expiration (99991231235959Z)', ({ leaf }) => {
    leaf.notAfter = time(Tag.generalizedTime, '99991231235959Z')
  }),
  accepted('leaf: outlives its CAs', ({ leaf }) => {
    leaf.notAfter = encodeTime(new Date('2049-12-31T23:59:59Z'))
  }),
  accepted('leaf: older than its CAs', ({ leaf }) => {
    leaf.notBefore = encodeTime(new Date('1950-01-01T00:00:00Z'))
  }),
]
