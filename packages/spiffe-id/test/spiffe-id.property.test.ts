import {
  isSpiffeId,
  linkerdNameOf,
  normalizeSpiffeId,
  parseLinkerdName,
  parseServiceAccountUsername,
  parseSpiffeId,
  parseTrustDomain,
  serviceAccount,
  serviceAccountOf,
  SpiffeIdError,
  spiffeId,
  spiffeIdFromSegments,
  spiffeIdOf,
  spiffeIdOfLinkerdName,
} from '@meshid/spiffe-id'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** The grammar once more, as the second opinion of the scan; long IDs are only scanned. */
const grammar = /^spiffe:\/\/[a-z0-9._-]{1,255}(\/(?!\.{1,2}(\/|$))[a-zA-Z0-9._-]+)*$/

const of = (letters: string, limits: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...letters.split('')), ...limits })
const inside = 'abcxyz019'
const names = of(`${inside}.-_`, { minLength: 1, maxLength: 40 })
const segments = of(`${inside}XYZ.-_`, { minLength: 1, maxLength: 12 }).filter((text) => !/^\.{1,2}$/.test(text))
const labels = fc
  .tuple(of(inside, { minLength: 1, maxLength: 10 }), of(`${inside}-`, { minLength: 0, maxLength: 10 }))
  .map(([edge, middle]) => edge + middle + edge)
const subdomains = fc.array(labels, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'))
const ids = fc
  .tuple(names, fc.array(segments, { maxLength: 5 }))
  .map(([name, parts]) => [`spiffe://${name}`, ...parts].join('/'))

/** One or a few edits of a valid ID: the texts around the border of the grammar. */
const mutants = fc
  .tuple(
    ids,
    fc.array(
      fc.record({
        at: fc.nat(80),
        remove: fc.nat(2),
        insert: fc.oneof(
          fc.constantFrom('', '/', '//', '.', '..', '/../', '%', '?', '#', ':', '@', 'A'),
          fc.string({ unit: 'binary' }),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([id, edits]) =>
    edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), id),
  )

const outcome = (run: () => unknown): 'accepted' | 'refused' => {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (!(error instanceof SpiffeIdError)) throw error
    const { offset, found } = error.detail
    if (offset !== undefined) expect(offset).toBeGreaterThanOrEqual(0)
    expect(found).toMatch(/^[\x20-\x7E]*$/)
    return 'refused'
  }
}

describe('properties', () => {
  it('ID-1 ID-19: every valid ID round-trips byte for byte and is the sum of its parts', () => {
    fc.assert(
      fc.property(ids, (text) => {
        const id = parseSpiffeId(text)
        expect(id.toString()).toBe(text)
        expect(spiffeIdFromSegments(id.trustDomain, ...id.segments).equals(id)).toBe(true)
        expect(`spiffe://${id.trustDomain.name}${id.path}`).toBe(text)
        expect(normalizeSpiffeId(text).equals(id)).toBe(true)
      }),
    )
  })

  it('ID-1 to ID-16: any edit of a valid ID is accepted or refused exactly as the grammar says, never a crash', () => {
    fc.assert(
      fc.property(mutants, (text) => {
        const expected = grammar.test(text) ? 'accepted' : 'refused'
        expect(outcome(() => parseSpiffeId(text))).toBe(expected)
        expect(isSpiffeId(text)).toBe(expected === 'accepted')
        const long = `${text}/${'a'.repeat(300)}`
        expect(outcome(() => parseSpiffeId(long))).toBe(grammar.test(long) ? 'accepted' : 'refused')
      }),
      { numRuns: 2000 },
    )
  })

  it('every bit flip and every truncation of a good ID is refused with a code or still an ID', () => {
    const good = 'spiffe://example.org/ns/default/sa/Web_1.v-2/...'
    for (let at = 0; at < good.length; at += 1) {
      const flips = Array.from({ length: 16 }, (_, bit) => String.fromCharCode(good.charCodeAt(at) ^ (1 << bit)))
      for (const text of [good.slice(0, at), ...flips.map((unit) => good.slice(0, at) + unit + good.slice(at + 1))]) {
        expect(
          outcome(() => parseSpiffeId(text)),
          JSON.stringify(text),
        ).toBe(grammar.test(text) ? 'accepted' : 'refused')
      }
    }
  })

  it('no text crashes any parser', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), mutants), (text) => {
        const mesh = { controlNamespace: 'linkerd', trustDomain: parseTrustDomain('cluster.local') }
        outcome(() => parseSpiffeId(text))
        outcome(() => normalizeSpiffeId(text))
        outcome(() => parseTrustDomain(text))
        outcome(() => parseServiceAccountUsername(text))
        outcome(() => parseServiceAccountUsername(`system:serviceaccount:${text}`))
        outcome(() => parseLinkerdName(text, mesh))
        outcome(() => parseLinkerdName(`${text}.serviceaccount.identity.linkerd.cluster.local`, mesh))
      }),
    )
  })

  it('ID-28: whatever is interpolated stays one segment', () => {
    const td = parseTrustDomain('example.org')
    fc.assert(
      fc.property(fc.oneof(fc.string(), segments, fc.constantFrom('x/../admin', '..', '')), (value) => {
        const id = { segments: [] as readonly string[] }
        const verdict = outcome(() => {
          id.segments = spiffeId(td)`/ns/${value}/sa/x`.segments
        })
        expect(id.segments).toEqual(verdict === 'accepted' ? ['ns', value, 'sa', 'x'] : [])
      }),
    )
  })

  it('service account, user name and SPIFFE ID convert without loss', () => {
    fc.assert(
      fc.property(labels, subdomains, names, (namespace, name, domain) => {
        const account = serviceAccount(namespace, name)
        const trustDomain = parseTrustDomain(domain)
        const id = parseSpiffeId(spiffeIdOf(account, trustDomain).toString())
        expect(id.trustDomain.equals(trustDomain)).toBe(true)
        expect(serviceAccountOf(id).equals(account)).toBe(true)
        expect(parseServiceAccountUsername(account.username).equals(account)).toBe(true)
      }),
    )
  })

  it('Linkerd name and SPIFFE ID convert without loss', () => {
    fc.assert(
      fc.property(labels, labels, labels, subdomains, (namespace, name, controlNamespace, domain) => {
        const trustDomain = parseTrustDomain(domain)
        const id = spiffeIdOf(serviceAccount(namespace, name), trustDomain)
        const linkerd = linkerdNameOf(id, { controlNamespace })
        const again = parseLinkerdName(linkerd.toString(), { controlNamespace, trustDomain })
        expect(again.equals(linkerd)).toBe(true)
        expect(spiffeIdOfLinkerdName(again).equals(id)).toBe(true)
      }),
    )
  })
})
