import { parseServiceAccountUsername, serviceAccount, ServiceAccount } from '@meshid/spiffe-id'
import { describe, expect, it } from 'vitest'
import { codeAndDetail, codeAndOffset } from './refusal.ts'

describe('parseServiceAccountUsername', () => {
  it('reads namespace and name; a name is a subdomain and may have dots', () => {
    const account = parseServiceAccountUsername('system:serviceaccount:default:web.v1')
    expect(account.namespace).toBe('default')
    expect(account.name).toBe('web.v1')
    expect(account.username).toBe('system:serviceaccount:default:web.v1')
    expect(String(account)).toBe(account.username)
  })

  it.each([
    ['system:node:worker-1:x', 7],
    ['system:serviceaccounts:ns:sa', 21],
    ['system:ServiceAccount:ns:sa', 7],
    ['system:user:ns:sa', 7],
    ['SYSTEM:serviceaccount:ns:sa', 0],
    [' system:serviceaccount:ns:sa', 0],
    ['system:serviceaccount', 21],
    ['alice', 0],
    ['', 0],
  ])('Q27: %j is not a service account', (username, offset) =>
    expect(codeAndOffset(() => parseServiceAccountUsername(username))).toEqual([
      'SPIFFE_ID_USERNAME_NOT_SERVICE_ACCOUNT',
      offset,
    ]),
  )

  it.each([
    ['system:serviceaccount:', 22],
    ['system:serviceaccount:ns', 24],
    ['system:serviceaccount:ns:sa:x', 27],
    ['system:serviceaccount:ns:sa:', 27],
  ])('%j does not have exactly four parts', (username, offset) =>
    expect(codeAndOffset(() => parseServiceAccountUsername(username))).toEqual(['SPIFFE_ID_USERNAME_PARTS', offset]),
  )

  it.each([
    ['system:serviceaccount::sa', 22, 'end of text'],
    ['system:serviceaccount:a.b:sa', 23, '"." (0x2E)'],
    ['system:serviceaccount:NS:sa', 22, '"N" (0x4E)'],
    ['system:serviceaccount:-a:sa', 22, '"-" (0x2D)'],
    ['system:serviceaccount:a-:sa', 23, '"-" (0x2D)'],
  ])('%j has no label for a namespace', (username, offset, found) =>
    expect(codeAndDetail(() => parseServiceAccountUsername(username))).toMatchObject({
      code: 'SPIFFE_ID_NAMESPACE_INVALID',
      offset,
      found,
    }),
  )

  it.each([
    ['system:serviceaccount:ns:', 25],
    ['system:serviceaccount:ns:a..b', 27],
    ['system:serviceaccount:ns:a-.b', 26],
    ['system:serviceaccount:ns:a.', 26],
    ['system:serviceaccount:ns:a/b', 26],
    ['system:serviceaccount:ns:\u212A', 25],
  ])('%j has no subdomain for a name', (username, offset) =>
    expect(codeAndOffset(() => parseServiceAccountUsername(username))).toEqual([
      'SPIFFE_ID_SERVICE_ACCOUNT_INVALID',
      offset,
    ]),
  )
})

describe('serviceAccount', () => {
  it('refuses in the words of Kubernetes', () => {
    expect(codeAndDetail(() => serviceAccount('a.b', 'x'))).toMatchObject({
      code: 'SPIFFE_ID_NAMESPACE_INVALID',
      reasons: ['must not contain dots'],
      offset: 1,
    })
    const long = codeAndDetail(() => serviceAccount('a'.repeat(64), 'x'))
    expect(long).toMatchObject({ reasons: ['must be no more than 63 bytes'], found: '64 bytes' })
    expect(long.offset).toBeUndefined()
    expect(codeAndOffset(() => serviceAccount('a', 'x_y'))).toEqual(['SPIFFE_ID_SERVICE_ACCOUNT_INVALID', 1])
  })

  it('is frozen, unforgeable, and equal by value', () => {
    const account = serviceAccount('ns', 'sa')
    expect(Object.isFrozen(account)).toBe(true)
    expect(account.equals(parseServiceAccountUsername('system:serviceaccount:ns:sa'))).toBe(true)
    expect(account.equals(serviceAccount('ns', 'sb'))).toBe(false)
    expect(account.equals(serviceAccount('nt', 'sa'))).toBe(false)
    expect(() => Reflect.construct(ServiceAccount, [undefined, 'NS', 'SA'])).toThrow(TypeError)
  })

  it('values that are no strings are bugs of the caller', () => {
    expect(() => Reflect.apply(serviceAccount, undefined, ['ns'])).toThrow(TypeError)
    expect(() => Reflect.apply(parseServiceAccountUsername, undefined, [undefined])).toThrow(TypeError)
  })
})
