import { checkOwnSvid } from '@meshid/svid'
import { describe, expect, test } from 'vitest'
import {
  authority,
  codeOf,
  forge,
  hours,
  intermediate,
  type Link,
  newKey,
  root,
  web,
  webId,
  workload,
} from './forge.ts'

const check = (links: readonly Link[], key = links[0]?.key ?? newKey()) =>
  checkOwnSvid({ chain: links.map(({ certificate }) => certificate), publicKey: key.key.publicKey })

describe('checkOwnSvid', () => {
  test('says who one is, of parsed certificates or DER (X509-34)', () => {
    expect(check([web, intermediate]).toString()).toBe(webId)
    const chain = [web.certificate.der, intermediate.certificate.der]
    expect(checkOwnSvid({ chain, publicKey: web.key.key.publicKey }).toString()).toBe(webId)
  })

  test('does not look at times, which those who load it may not judge yet (X509-34)', () => {
    expect(check([workload(webId, root, { notAfter: hours(-0.5) })]).toString()).toBe(webId)
  })

  test.each<[string, () => unknown, string]>([
    ['nothing at all', () => check([]), 'SVID_CHAIN_EMPTY'],
    ['a leaf of no workload (X509-7)', () => check([workload('spiffe://td.test', root)]), 'SVID_ID_WITHOUT_PATH'],
    ['a CA (X509-15)', () => check([workload(webId, root, { ca: true })]), 'SVID_LEAF_IS_CA'],
    [
      'a leaf that may sign (X509-18)',
      () => check([workload(webId, root, { usages: ['digitalSignature', 'crlSign'] })]),
      'SVID_LEAF_CAN_SIGN',
    ],
    [
      'no key usage (X509-17)',
      () => check([forge({ names: [{ uri: webId }], by: root })]),
      'SVID_LEAF_NO_DIGITAL_SIGNATURE',
    ],
    ['a leaf behind the leaf', () => check([web, web]), 'SVID_ISSUER_NOT_A_CA'],
    [
      'a CA without keyCertSign behind it',
      () => check([web, authority('x', { usages: ['crlSign'] })]),
      'SVID_ISSUER_CANNOT_SIGN',
    ],
    ['the key of somebody else', () => check([web, intermediate], newKey()), 'SVID_KEY_MISMATCH'],
  ])('refuses %s (X509-34)', (_, operation, code) => {
    expect(codeOf(operation)).toBe(code)
  })
})
