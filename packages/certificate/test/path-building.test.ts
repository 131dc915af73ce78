import {
  type ChainPurpose,
  createSignatureMemory,
  createTrustAnchors,
  MAX_CANDIDATES,
  MAX_INTERMEDIATES,
  MAX_NAME_COMPARISONS,
  parseCertificate,
  type PathLimits,
  type TrustAnchor,
  trustedKey,
  verifyChain,
  type VerifyChainOptions,
} from '@meshid/certificate'
import { encodeElement, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { generatePrivateKey, nobleVerifier, type Verifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  authority,
  basicConstraints,
  extension,
  forge,
  generalName,
  hours,
  key,
  keyUsage,
  leaf,
  type Link,
  nameConstraints,
  now,
  subjectAltName,
  usage,
} from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const workload = leaf(id, { by: issuer })

interface Case extends Partial<VerifyChainOptions> {
  readonly anchors?: readonly TrustAnchor[]
  readonly purpose?: ChainPurpose
}

function verify(links: readonly Link[], { anchors = [root.certificate], purpose = 'leaf', ...options }: Case = {}) {
  const chain = links.map(({ certificate }) => certificate)
  const input = { chain, trustAnchors: createTrustAnchors(anchors), now, purpose }
  return verifyChain(input, { verifier: nobleVerifier, ...options })
}

/** Counts what it is asked, and says yes to all of it. */
function countingVerifier(): Verifier & { readonly count: () => number } {
  let count = 0
  return { count: () => count, verify: () => ++count > 0 }
}

describe('paths', () => {
  test('pass over the expired twin of an anchor', () => {
    const old = authority('root', { notBefore: hours(-9), notAfter: hours(-8) })
    expect(verify([workload, issuer], { anchors: [old.certificate, root.certificate] }).anchor).toBe(root.certificate)
  })

  test('find an issuer that has the name of the root', () => {
    const homonym = authority('root', { by: root, key: key(71) })
    const below = leaf(id, { by: homonym })
    expect(verify([below, homonym]).intermediates).toEqual([homonym.certificate])
  })

  test('pass over a root that was sent along, and one that somebody cross-signed', () => {
    const other = authority('other')
    const cross = authority('root', { by: other })
    expect(verify([workload, root, cross, issuer]).path).toHaveLength(3)
    const anchors = [other.certificate]
    expect(verify([workload, root, issuer, cross], { anchors }).path).toHaveLength(4)
  })

  test('take the way round a CA that may not sign', () => {
    const dumb = authority('issuer', { by: root, extensions: [basicConstraints(true), keyUsage(usage.crlSign)] })
    expect(verify([workload, dumb, issuer]).intermediates).toEqual([issuer.certificate])
    expect(verify([workload, issuer, dumb]).intermediates).toEqual([issuer.certificate])
  })

  test('go over another issuer when the first one leads too deep', () => {
    const tight = authority('tight', { by: root, pathLength: 0 })
    const below = authority('issuer', { by: tight })
    expect(verify([leaf(id, { by: issuer }), below, tight, issuer]).path).toHaveLength(3)
  })

  test('have no more intermediates than the limit, self-issued ones not counted', () => {
    const chain: Link[] = []
    for (let depth = 0; depth <= MAX_INTERMEDIATES; depth++) {
      chain.unshift(authority(`ca-${depth}`, { by: chain[0] ?? root }))
    }
    const lowest = chain[0] ?? root
    const limits: Partial<PathLimits> = { maxCertificates: 20 }
    const verifier = countingVerifier()
    const rolled = authority('ca-3', { by: chain[MAX_INTERMEDIATES - 3] ?? root, key: key(72) })
    expect(refusalOf(() => verify([leaf(id, { by: lowest }), ...chain], { limits, verifier }))).toMatchObject({
      code: 'CERT_PATH_LENGTH_EXCEEDED',
      detail: { limit: MAX_INTERMEDIATES, found: MAX_INTERMEDIATES + 1 },
    })
    const allowed = chain.slice(1)
    const longest = leaf(id, { by: allowed[0] ?? root })
    expect(verify([longest, ...allowed], { limits, verifier }).intermediates).toHaveLength(MAX_INTERMEDIATES)
    expect(verify([longest, ...allowed, rolled], { limits, verifier }).intermediates).toHaveLength(MAX_INTERMEDIATES)
    expect(codeOf(() => verify([workload, issuer], { limits: { maxIntermediates: 0 } }))).toBe(
      'CERT_PATH_LENGTH_EXCEEDED',
    )
    expect(verify([leaf(id, { by: root })], { limits: { maxIntermediates: 0 } }).path).toHaveLength(2)
  })
})

describe('trusted keys', () => {
  const { subject, publicKey } = root.certificate

  test('end a path by name and key, without dates', () => {
    const anchor = trustedKey({ subject, publicKey })
    const verified = verify([workload, issuer], { anchors: [anchor] })
    expect(verified.path).toEqual([workload.certificate, issuer.certificate])
    expect(verified.anchor).toBe(anchor)
    expect(verified.intermediates).toEqual([issuer.certificate])
    expect(verified.notBefore).toEqual(hours(-1))
    expect(verified.notAfter).toEqual(hours(24))
    expect(createTrustAnchors([anchor]).keys).toEqual([anchor])
  })

  test('have dates when they are given, which count as those of an anchor (X509-32)', () => {
    const until = trustedKey({ subject: subject.bytes, publicKey, notBefore: hours(-0.5), notAfter: hours(2) })
    const verified = verify([workload, issuer], { anchors: [until] })
    expect([verified.notBefore, verified.notAfter]).toEqual([hours(-0.5), hours(2)])
    const past = trustedKey({ subject, publicKey, notAfter: hours(-1) })
    expect(codeOf(() => verify([workload, issuer], { anchors: [past] }))).toBe('CERT_ANCHOR_EXPIRED')
    const next = trustedKey({ subject, publicKey, notBefore: hours(1) })
    expect(refusalOf(() => verify([workload, issuer], { anchors: [next] }))).toMatchObject({
      code: 'CERT_ANCHOR_NOT_YET_VALID',
      detail: { certificate: 'CN=root', notAfter: 'for ever' },
    })
  })

  test('must have signed: a name is not enough', () => {
    const anchor = trustedKey({ subject, publicKey: key(73).key.publicKey })
    expect(codeOf(() => verify([workload, issuer], { anchors: [anchor] }))).toBe('CERT_SIGNATURE_INVALID')
  })

  test('may constrain names', () => {
    const other = authority('root', { more: [nameConstraints({ excluded: [generalName(6, 'td.test')] })] })
    const anchor = trustedKey({ subject, publicKey, nameConstraints: other.certificate.nameConstraints })
    expect(refusalOf(() => verify([workload, issuer], { anchors: [anchor] }))).toMatchObject({
      code: 'CERT_NAME_EXCLUDED',
      detail: { issuer: 'CN=root' },
    })
  })

  test('count once when they are equal, and stand beside certificates', () => {
    const keys = [trustedKey({ subject, publicKey }), trustedKey({ subject, publicKey })]
    const later = trustedKey({ subject, publicKey, notAfter: hours(1) })
    const anchors = createTrustAnchors([root.certificate, ...keys, later])
    expect(anchors.certificates).toEqual([root.certificate])
    expect(anchors.keys).toHaveLength(2)
    expect(anchors.named(subject)).toHaveLength(3)
  })

  test('are made of a name, a key and dates', () => {
    expect(() => trustedKey({ subject: encodeSequence(), publicKey })).toThrow(RangeError)
    expect(() => trustedKey({ subject, publicKey, notAfter: new Date(Number.NaN) })).toThrow(RangeError)
    expect(() => trustedKey({ subject, publicKey: generatePrivateKey() as never })).toThrow(TypeError)
    expect(Object.isFrozen(trustedKey({ subject, publicKey }))).toBe(true)
  })
})

describe('certificates on the way', () => {
  test('have positive serial numbers, anchors excepted', () => {
    const zero = (name: Uint8Array, signer: Link, more: readonly Uint8Array[]): Link => {
      const fields = { subject: name, issuer: signer.certificate.subject.bytes, signer: signer.key }
      const der = forge({ ...fields, key: root.key, serialNumber: encodeInteger(0), extensions: more })
      return { certificate: parseCertificate(der), key: root.key }
    }
    const ca = [basicConstraints(true), keyUsage(usage.keyCertSign)]
    const anchor = zero(root.certificate.subject.bytes, root, ca)
    expect(verify([workload, issuer], { anchors: [anchor.certificate] }).path).toHaveLength(3)
    const middle = zero(authority('middle').certificate.subject.bytes, root, ca)
    expect(codeOf(() => verify([leaf(id, { by: middle }), middle]))).toBe('CERT_SERIAL_NUMBER_INVALID')
    expect(codeOf(() => verify([zero(encodeSequence(), root, [])]))).toBe('CERT_SERIAL_NUMBER_INVALID')
  })

  test('may have policies, critical or not, as long as nobody demands one', () => {
    const policy = (...qualifiers: readonly Uint8Array[]) =>
      extension(oids.certificatePolicies, encodeSequence(encodeSequence(encodeOid('1.2.3'), ...qualifiers)), true)
    const cps = encodeSequence(encodeSequence(encodeOid('1.3.6.1.5.5.7.2.1'), encodeElement(0x16, Uint8Array.of(97))))
    const odd = encodeSequence(encodeSequence(encodeOid('1.2.4'), encodeNull()))
    const more = [policy(cps), extension(oids.inhibitAnyPolicy, encodeInteger(0), true)]
    const careful = authority('issuer', { by: root, more })
    expect(verify([workload, careful]).path).toHaveLength(3)
    const strange = authority('issuer', { by: root, more: [policy(odd)] })
    expect(codeOf(() => verify([workload, strange]))).toBe('CERT_UNKNOWN_CRITICAL_EXTENSION')
    const broken = authority('issuer', { by: root, more: [extension(oids.certificatePolicies, encodeNull(), true)] })
    expect(codeOf(() => verify([workload, broken]))).toBe('CERT_UNKNOWN_CRITICAL_EXTENSION')
  })

  test.each([true, false])('may not demand an explicit policy, critical or not: %s', (critical) => {
    const constraints = (tag: number) =>
      extension(oids.policyConstraints, encodeSequence(encodeElement(tag, Uint8Array.of(0))), critical)
    const demanding = authority('issuer', { by: root, more: [constraints(0x80)] })
    expect(refusalOf(() => verify([workload, demanding]))).toMatchObject({
      code: 'CERT_POLICY_UNSUPPORTED',
      detail: { certificate: 'CN=issuer', found: 0 },
    })
    const inhibiting = authority('issuer', { by: root, more: [constraints(0x81)] })
    expect(verify([workload, inhibiting]).path).toHaveLength(3)
  })

  test('have policy constraints that say something', () => {
    const read = (value: Uint8Array) =>
      codeOf(() => authority('ca', { more: [extension(oids.policyConstraints, value, true)] }))
    expect(read(encodeSequence())).toBe('CERT_EXTENSION_INVALID')
    expect(read(encodeSequence(encodeElement(0x80, Uint8Array.of(0xff))))).toBe('CERT_EXTENSION_INVALID')
  })
})

describe('limits', () => {
  test('end a search over many candidates, though none costs a signature', () => {
    const old = (name: string, seed: number) =>
      authority(name, { by: root, key: key(seed), notBefore: hours(-9), notAfter: hours(-8) })
    const twins = Array.from({ length: 12 }, (_, index) => old('issuer', index + 200))
    const error = refusalOf(() => verify([workload, ...twins], { limits: { maxCertificates: 13, maxCandidates: 11 } }))
    expect(error).toMatchObject({ code: 'CERT_SEARCH_LIMIT', detail: { what: 'candidates', limit: 11 } })
    expect(MAX_CANDIDATES).toBeGreaterThan(1000)
  })

  test('end a comparison of many names with many constraints before it is made', () => {
    const names = Array.from({ length: 300 }, (_, index) => generalName(2, `n${index}.test`))
    const excluded = Array.from({ length: 300 }, (_, index) => generalName(2, `x${index}.test`))
    const strict = authority('issuer', { by: root, more: [nameConstraints({ excluded })] })
    const many = leaf(id, { by: strict, extensions: [subjectAltName(names, true)] })
    expect(refusalOf(() => verify([many, strict]))).toMatchObject({
      code: 'CERT_SEARCH_LIMIT',
      detail: { what: 'comparisons of names', limit: MAX_NAME_COMPARISONS },
    })
    const limits = { maxNameComparisons: 90_000 }
    expect(verify([many, strict], { limits }).path).toHaveLength(3)
  })

  test('are whole numbers', () => {
    for (const maxBytes of [Number.NaN, Infinity, -1, 1.5]) {
      expect(() => verify([workload, issuer], { limits: { maxBytes } })).toThrow(RangeError)
    }
    const missing: Partial<PathLimits> = Object.fromEntries([['maxSignatureChecks', undefined]])
    expect(() => verify([workload, issuer], { limits: missing })).toThrow(RangeError)
  })

  test('know four purposes', () => {
    expect(() => verify([workload, issuer], { purpose: 'anything' as ChainPurpose })).toThrow(RangeError)
  })

  test('let each key be tried on each certificate once, however many paths lead over it', () => {
    const verifier = countingVerifier()
    const lower = authority('lower', { by: issuer })
    const twins = [1, 2, 3].map((hour) => authority('issuer', { by: authority('gone'), notAfter: hours(hour) }))
    const below = leaf(id, { by: lower })
    expect(codeOf(() => verify([below, lower, ...twins], { verifier }))).toBe('CERT_UNKNOWN_ISSUER')
    expect(verifier.count()).toBe(2)
  })
})

describe('createSignatureMemory', () => {
  test('spares the signature of an issuer that was seen, and no other', () => {
    const verifier = countingVerifier()
    const memory = createSignatureMemory()
    verify([workload, issuer], { verifier, memory })
    expect(verifier.count()).toBe(2)
    const again = parseCertificate(issuer.certificate.der)
    verify([workload, { certificate: again, key: issuer.key }], { verifier, memory })
    expect(verifier.count()).toBe(3)
  })

  test('remembers nothing but signatures: neither times nor trust', () => {
    const memory = createSignatureMemory()
    const chain = [workload.certificate, issuer.certificate]
    const input = { chain, trustAnchors: createTrustAnchors([root.certificate]), purpose: 'leaf' } as const
    const options = { verifier: nobleVerifier, memory }
    verifyChain({ ...input, now }, options)
    expect(codeOf(() => verifyChain({ ...input, now: hours(99) }, options))).toBe('CERT_EXPIRED')
    const stranger = authority('root', { key: key(74) })
    expect(codeOf(() => verify([workload, issuer], { memory, anchors: [stranger.certificate] }))).toBe(
      'CERT_UNKNOWN_ISSUER',
    )
  })

  test('does not remember a signature that is bad, whatever certificate it ends like', () => {
    const memory = createSignatureMemory()
    verify([workload, issuer], { memory })
    const der = issuer.certificate.der.slice()
    const at = der.length - 30
    der[at] = (der[at] ?? 0) ^ 1
    const forged: Link = { certificate: parseCertificate(der), key: issuer.key }
    for (const _ of [1, 2]) expect(codeOf(() => verify([workload, forged], { memory }))).toBe('CERT_SIGNATURE_INVALID')
  })

  test('forgets the oldest, and never learns what is too large', () => {
    const asked: number[] = []
    const verifier: Verifier = {
      verify: (...proof) => {
        asked.push(proof[2].length)
        return nobleVerifier.verify(...proof)
      },
    }
    const memory = createSignatureMemory({ maxEntries: 1 })
    const second = authority('second', { by: root })
    const heavy = authority('heavy', { by: root, more: [extension('1.2.3', new Uint8Array(5000))] })
    const countOf = (link: Link): number => {
      asked.length = 0
      verify([link], { memory, verifier, purpose: 'issuer' })
      return asked.length
    }
    expect([countOf(issuer), countOf(issuer)]).toEqual([1, 0])
    expect([countOf(second), countOf(second), countOf(issuer)]).toEqual([1, 0, 1])
    expect([countOf(heavy), countOf(heavy)]).toEqual([1, 1])
    expect(() => createSignatureMemory({ maxEntries: 0 })).toThrow(RangeError)
  })
})
