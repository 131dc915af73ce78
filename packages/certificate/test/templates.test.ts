import { describe, expect, test } from 'vitest'
import { parseTrustDomain } from '@meshid/spiffe-id'
import { intermediateTemplate, MAX_COMMON_NAME_LENGTH, rootTemplate, workloadTemplate } from '@meshid/certificate'

const trustDomain = parseTrustDomain('cluster.local')

describe('templates are data', () => {
  test('a root may sign certificates and CRLs, without a limit and without extended key usage (Q23, X509-19, X509-22)', () => {
    expect(rootTemplate('root', { trustDomain })).toEqual({
      kind: 'root',
      commonName: 'root',
      ca: true,
      pathLength: undefined,
      keyUsages: ['keyCertSign', 'crlSign'],
      extendedKeyUsages: [],
      trustDomain,
    })
  })

  test('an intermediate signs leaves only unless told otherwise: path length 0 (X509-16)', () => {
    expect(intermediateTemplate('issuer')).toMatchObject({ kind: 'intermediate', ca: true, pathLength: 0 })
    expect(intermediateTemplate('issuer', { pathLength: 1 }).pathLength).toBe(1)
    expect(intermediateTemplate('issuer').extendedKeyUsages).toEqual([])
  })

  test('a leaf is no CA and has an empty subject unless told otherwise (Q5)', () => {
    expect(workloadTemplate()).toEqual({
      kind: 'workload',
      commonName: undefined,
      ca: false,
      pathLength: undefined,
      keyUsages: ['digitalSignature'],
      extendedKeyUsages: ['serverAuth', 'clientAuth'],
      trustDomain: undefined,
    })
    expect(workloadTemplate({ commonName: 'web' }).commonName).toBe('web')
  })

  test('nobody can change them afterwards', () => {
    for (const template of [rootTemplate('a'), intermediateTemplate('a'), workloadTemplate()]) {
      expect(Object.isFrozen(template)).toBe(true)
      expect(Object.isFrozen(template.keyUsages)).toBe(true)
      expect(Object.isFrozen(template.extendedKeyUsages)).toBe(true)
    }
  })
})

describe('a common name', () => {
  const refused = expect.objectContaining({ code: 'CERT_COMMON_NAME_INVALID' })
  const templates = [rootTemplate, intermediateTemplate, (commonName: string) => workloadTemplate({ commonName })]

  test.each([
    ['of 64 characters', 'x'.repeat(MAX_COMMON_NAME_LENGTH)],
    ['of 64 characters outside the first plane', '𝔪'.repeat(MAX_COMMON_NAME_LENGTH)],
    ['with a star, which is not printable to ASN.1', '*.example.org'],
    ['in another script', 'корень'],
  ])('%s is taken (Q52)', (_, commonName) => {
    for (const make of templates) expect(make(commonName).commonName).toBe(commonName)
  })

  test.each([
    ['is empty', ''],
    ['has 65 characters', 'x'.repeat(MAX_COMMON_NAME_LENGTH + 1)],
    ['has a NUL', 'good.example\0.evil.example'],
    ['has a line break', 'two\nlines'],
    ['has half a character', 'a\uD800'],
  ])('is refused when it %s (Q52)', (_, commonName) => {
    for (const make of templates) expect(() => make(commonName)).toThrow(refused)
  })
})

describe('a path length', () => {
  test.each([-1, 1.5, 17, Number.NaN])('of %s is a mistake of the caller', (pathLength) => {
    expect(() => rootTemplate('root', { pathLength })).toThrow(RangeError)
    expect(() => intermediateTemplate('issuer', { pathLength })).toThrow(RangeError)
  })
})
