import {
  decodeAccountLabel,
  encodeAccountLabel,
  linkerdName,
  parseLinkerdName,
  parseTrustDomain,
  serviceAccount,
} from '@meshid/spiffe-id'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

const mesh = {
  controlNamespace: 'linkerd',
  trustDomain: parseTrustDomain('cluster.local'),
  dottedAccounts: 'underscore',
} as const

const of = (letters: string, limits: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...letters.split('')), ...limits })
/** Few letters, so that names that nearly collide are common. */
const labels = fc
  .tuple(of('ab0', { minLength: 1, maxLength: 2 }), of('ab-', { minLength: 0, maxLength: 3 }))
  .map(([edge, middle]) => edge + middle + edge)
const accounts = fc
  .tuple(labels, fc.array(labels, { minLength: 1, maxLength: 4 }))
  .map(([namespace, parts]) => serviceAccount(namespace, parts.join('.')))

it('Q28, Q53: an account with dots is read back from its Linkerd name, and the namespace is always the second label', () => {
  fc.assert(
    fc.property(accounts, (account) => {
      const text = linkerdName({ ...mesh, serviceAccount: account }).toString()
      expect(parseLinkerdName(text, mesh).serviceAccount.equals(account)).toBe(true)
      expect(text.split('.')[1]).toBe(account.namespace)
      expect(decodeAccountLabel(encodeAccountLabel(account.name))).toBe(account.name)
    }),
    { numRuns: 1000 },
  )
})

it('Q28: two accounts never have the same Linkerd name', () => {
  fc.assert(
    fc.property(accounts, accounts, (one, other) => {
      const [first, second] = [one, other].map((account) =>
        linkerdName({ ...mesh, serviceAccount: account }).toString(),
      )
      expect(first === second).toBe(one.equals(other))
    }),
    { numRuns: 2000 },
  )
})

it('Q28: an account without dots is called what Linkerd calls it', () => {
  fc.assert(
    fc.property(labels, labels, (namespace, name) => {
      const account = serviceAccount(namespace, name)
      const { controlNamespace, trustDomain } = mesh
      const linkerds = linkerdName({ controlNamespace, trustDomain, serviceAccount: account })
      expect(linkerdName({ ...mesh, serviceAccount: account }).equals(linkerds)).toBe(true)
    }),
  )
})

it('Q28: a name that is read is the name that its account gets', () => {
  fc.assert(
    fc.property(of('ab_-.', { minLength: 1, maxLength: 8 }), (head) => {
      const text = `${head}.ns.serviceaccount.identity.linkerd.cluster.local`
      let account
      try {
        account = parseLinkerdName(text, mesh).serviceAccount
      } catch {
        return
      }
      expect(linkerdName({ ...mesh, serviceAccount: account }).toString()).toBe(text)
    }),
    { numRuns: 2000 },
  )
})
