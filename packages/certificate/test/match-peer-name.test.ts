import { matchPeerName, parseCertificate, type PeerName } from '@meshid/certificate'
import { describe, expect, test } from 'vitest'
import { forge, generalName, name, subjectAltName } from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

function certificateOf(...names: readonly Uint8Array[]) {
  return parseCertificate(
    forge({ subject: name('cn.test'), extensions: names.length === 0 ? [] : [subjectAltName(names)] }),
  )
}

const tags = { email: 1, dns: 2, uri: 6 } as const

function matches(kind: PeerName['kind'], value: string, found: string): boolean {
  const octets = Uint8Array.from(found.split(' '), Number)
  const certificate = certificateOf(kind === 'ip' ? generalName(7, octets) : generalName(tags[kind], found))
  try {
    matchPeerName(certificate, { kind, value })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'CERT_PEER_NAME_MISMATCH' })
    return false
  }
}

describe('DNS names', () => {
  test.each([
    ['a.test', 'a.test'],
    ['A.Test.', 'a.TEST'],
    ['x.a.test', '*.a.test'],
    ['localhost', 'localhost'],
    ['xn--628h.a.test', '*.a.test'],
  ])('%s is %s', (value, found) => {
    expect(matches('dns', value, found)).toBe(true)
  })

  test.each([
    ['a.test', 'b.test'],
    ['x.a.test', 'a.test'],
    ['a.test', 'x.a.test'],
    ['a.test', '*.a.test'],
    ['x.y.a.test', '*.a.test'],
    ['x.a.test', '*.*.test'],
    ['x.a.test', 'x.*.test'],
    ['xy.a.test', 'x*.a.test'],
    ['a.test', '*.test'],
    ['a.test', '*'],
    ['test', '*'],
    ['*.a.test', '*.a.test'],
    ['8.8.8.8', '8.8.8.8'],
    ['a_b.test', 'a_b.test'],
    ['a..test', 'a..test'],
    ['', 'a.test'],
    ['a.test', 'a.test.'],
  ])('%s is not %s', (value, found) => {
    expect(matches('dns', value, found)).toBe(false)
  })
})

describe('IP addresses', () => {
  const loopback = `${'0 '.repeat(15)}1`

  test.each([
    ['10.0.0.1', '10 0 0 1'],
    ['::1', loopback],
    ['0:0:0:0:0:0:0:1', loopback],
    ['2001:DB8::8a2e:370:7334', '32 1 13 184 0 0 0 0 0 0 138 46 3 112 115 52'],
    ['fd00::', `253 ${'0 '.repeat(14)}0`],
    ['::ffff:10.0.0.1', `${'0 '.repeat(10)}255 255 10 0 0 1`],
  ])('%s is %s', (value, found) => {
    expect(matches('ip', value, found)).toBe(true)
  })

  test.each([
    ['10.0.0.2', '10 0 0 1'],
    ['10.0.0.01', '10 0 0 1'],
    ['10.0.1', '10 0 0 1'],
    ['10.0.0.256', '10 0 0 0'],
    ['::ffff:10.0.0.1', '10 0 0 1'],
    ['::1::', loopback],
    [':1', loopback],
    ['::1%eth0', loopback],
    ['0:0:0:0:0:0:0:0:1', loopback],
    ['1:2:3:4:5:6:7::8:9', loopback],
    ['::10.0.0.1:1', loopback],
    ['0:0:0:0:0:0:1', loopback],
    ['::g', loopback],
  ])('%s is not %s', (value, found) => {
    expect(matches('ip', value, found)).toBe(false)
  })
})

describe('mailboxes and URIs', () => {
  test.each<[PeerName['kind'], string, string, boolean]>([
    ['email', 'me@a.test', 'me@A.test', true],
    ['email', 'me@a.test', 'Me@a.test', false],
    ['email', '*@a.test', 'me@a.test', false],
    ['email', 'me@you@a.test', 'me@you@a.test', false],
    ['email', 'a.test', 'a.test', false],
    ['uri', 'spiffe://td.test/w', 'spiffe://td.test/w', true],
    ['uri', 'spiffe://td.test/w', 'spiffe://td.test/w/x', false],
    ['uri', 'spiffe://td.test/w', 'SPIFFE://td.test/w', false],
  ])('%s %s and %s: %s', (kind, value, found, expected) => {
    expect(matches(kind, value, found)).toBe(expected)
  })
})

describe('matchPeerName', () => {
  test('looks at neither the common name nor names of another kind', () => {
    expect(codeOf(() => matchPeerName(certificateOf(), { kind: 'dns', value: 'cn.test' }))).toBe(
      'CERT_PEER_NAME_MISMATCH',
    )
    const certificate = certificateOf(generalName(6, 'a.test'), generalName(1, 'me@a.test'))
    expect(codeOf(() => matchPeerName(certificate, { kind: 'dns', value: 'a.test' }))).toBe('CERT_PEER_NAME_MISMATCH')
  })

  test('looks at every name, and says what it found', () => {
    const certificate = certificateOf(generalName(2, 'a.test'), generalName(2, 'b.test'))
    matchPeerName(certificate, { kind: 'dns', value: 'b.test' })
    expect(refusalOf(() => matchPeerName(certificate, { kind: 'dns', value: 'c.test' }))).toMatchObject({
      code: 'CERT_PEER_NAME_MISMATCH',
      message: 'CN=cn.test: expected the dns name c.test, found a.test, b.test',
      detail: { expected: 'dns name c.test', found: ['a.test', 'b.test'] },
    })
  })

  test('lists no more names than a reader can use', () => {
    const certificate = certificateOf(...Array.from({ length: 100 }, (_, index) => generalName(2, `a${index}.test`)))
    const error = refusalOf(() => matchPeerName(certificate, { kind: 'dns', value: 'c.test' }))
    expect(error.detail['found']).toHaveLength(16)
  })
})
