import {
  type ChainPurpose,
  createTrustAnchors,
  MAX_CHAIN_CERTIFICATES,
  MAX_SIGNATURE_CHECKS,
  parseCertificate,
  verifyChain,
  type VerifyChainInput,
} from '@meshid/certificate'
import { encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { nobleVerifier, type Verifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import {
  authority,
  basicConstraints,
  extendedKeyUsage,
  extension,
  forge,
  hours,
  key,
  keyUsage,
  leaf,
  type Link,
  name,
  now,
  uriName,
  usage,
} from './forge.ts'
import { codeOf, refusalOf } from './refusal.ts'

const id = 'spiffe://td.test/ns/emojivoto/sa/web'
const root = authority('root')
const issuer = authority('issuer', { by: root, pathLength: 0 })
const workload = leaf(id, { by: issuer })

interface Case {
  readonly anchors?: readonly Link[]
  readonly at?: Date
  readonly purpose?: ChainPurpose
  readonly verifier?: Verifier
}

function verify(links: readonly Link[], settings: Case = {}) {
  const { anchors = [root], at = now, purpose = 'leaf', verifier = nobleVerifier } = settings
  const input: VerifyChainInput = {
    chain: links.map(({ certificate }) => certificate),
    trustAnchors: createTrustAnchors(anchors.map(({ certificate }) => certificate)),
    now: at,
    purpose,
  }
  return verifyChain(input, { verifier })
}

function refuse(links: readonly Link[], settings: Case = {}): string {
  return codeOf(() => verify(links, settings))
}

/** A CA with other extensions than the usual ones. */
function authorityWith(...extensions: readonly Uint8Array[]): Link {
  return authority('issuer', { by: root, extensions })
}

const caExtensions = [basicConstraints(true), keyUsage(usage.keyCertSign)]

describe('verifyChain', () => {
  test('yields the path from the leaf to the anchor', () => {
    const verified = verify([workload, issuer])
    expect(verified.path).toEqual([workload.certificate, issuer.certificate, root.certificate])
    expect(verified).toMatchObject({ purpose: 'leaf' })
    expect(verified.certificate).toBe(workload.certificate)
    expect(verified.intermediates).toEqual([issuer.certificate])
    expect(verified.anchor).toBe(root.certificate)
  })

  test('yields the times that all certificates share, the anchor included (Q14)', () => {
    const short = authority('root', { notBefore: hours(-0.5), notAfter: hours(3) })
    const verified = verify([workload, issuer], { anchors: [short] })
    expect(verified.notBefore).toEqual(hours(-0.5))
    expect(verified.notAfter).toEqual(hours(3))
  })

  test.each<ChainPurpose>(['leaf', 'leaf-client', 'leaf-server'])('verifies a workload for %s', (purpose) => {
    expect(verify([workload, issuer], { purpose }).path).toHaveLength(3)
  })

  test('verifies an issuer, and an issuer that is itself the anchor (X509-31)', () => {
    expect(verify([issuer], { purpose: 'issuer' }).path).toHaveLength(2)
    const alone = verify([root], { purpose: 'issuer' })
    expect(alone.path).toEqual([root.certificate])
    expect(alone.anchor).toBe(root.certificate)
    expect(alone.intermediates).toEqual([])
  })

  test('ends at an intermediate that is an anchor (X509-31)', () => {
    expect(verify([workload], { anchors: [issuer] }).path).toHaveLength(2)
  })

  test('takes intermediates in any order, with roots and strangers among them (X509-30)', () => {
    const stranger = authority('stranger')
    const policy = authority('policy', { by: root })
    const deep = authority('deep', { by: policy })
    const verified = verify([leaf(id, { by: deep }), stranger, root, policy, deep, deep])
    expect(verified.path.map(({ subject }) => subject.text())).toEqual(['', 'CN=deep', 'CN=policy', 'CN=root'])
  })

  test('mixes P-256, P-384 and Ed25519', () => {
    const ed25519 = authority('ed25519', { key: key(9, 'Ed25519') })
    const p384 = authority('p384', { by: ed25519, key: key(9, 'P-384') })
    expect(verify([leaf(id, { by: p384 }), p384], { anchors: [ed25519] }).path).toHaveLength(3)
  })

  test('asks the verifier that it is given', () => {
    const asked: string[] = []
    const verifier: Verifier = {
      verify: (publicKey, algorithm, message, signature) => {
        asked.push(algorithm)
        return nobleVerifier.verify(publicKey, algorithm, message, signature)
      },
    }
    verify([workload, issuer], { verifier })
    expect(asked).toEqual(['ecdsa-sha256', 'ecdsa-sha256'])
  })
})

describe('what verifyChain is given', () => {
  test('must be a chain within its limits', () => {
    expect(refuse([])).toBe('CERT_CHAIN_EMPTY')
    const many = Array.from({ length: MAX_CHAIN_CERTIFICATES + 1 }, () => issuer)
    expect(refusalOf(() => verify(many))).toMatchObject({
      code: 'CERT_CHAIN_TOO_LONG',
      detail: { certificates: MAX_CHAIN_CERTIFICATES + 1, limit: MAX_CHAIN_CERTIFICATES },
    })
    const heavy = authority('heavy', { more: [extension('1.2.3', new Uint8Array(40_000))] })
    expect(refuse([heavy, heavy])).toBe('CERT_CHAIN_TOO_LONG')
  })

  test('must be what the types say', () => {
    expect(() => verify([{ ...workload, certificate: Object.assign({}, workload.certificate) }])).toThrow(TypeError)
    expect(() => verify([workload], { at: new Date(Number.NaN) })).toThrow(RangeError)
    const trustAnchors = { certificates: [] } as unknown as VerifyChainInput['trustAnchors']
    const input = { chain: [workload.certificate], trustAnchors, now, purpose: 'leaf' } as const
    expect(() => verifyChain(input, { verifier: nobleVerifier })).toThrow(TypeError)
  })

  test('lets foreign errors of a verifier through', () => {
    const verifier: Verifier = {
      verify: () => {
        throw new Error('out of order')
      },
    }
    expect(() => verify([workload, issuer], { verifier })).toThrow('out of order')
  })
})

describe('times', () => {
  const timed = leaf(id, { by: issuer, notBefore: hours(0), notAfter: hours(1) })

  test('are inclusive at both ends, in whole seconds (X509-36)', () => {
    expect(verify([timed, issuer], { at: hours(0) }).path).toHaveLength(3)
    expect(verify([timed, issuer], { at: new Date(hours(1).getTime() + 999) }).path).toHaveLength(3)
  })

  test('refuse a leaf, with the dates', () => {
    expect(refusalOf(() => verify([timed, issuer], { at: new Date(hours(0).getTime() - 1) }))).toMatchObject({
      code: 'CERT_NOT_YET_VALID',
      detail: { certificate: id, notBefore: '2026-11-21T12:00:00.000Z', now: '2026-11-21T11:59:59.999Z' },
    })
    expect(refusalOf(() => verify([timed, issuer], { at: new Date(hours(1).getTime() + 1000) }))).toMatchObject({
      code: 'CERT_EXPIRED',
      detail: { certificate: id, notAfter: '2026-11-21T13:00:00.000Z', now: '2026-11-21T13:00:01.000Z' },
    })
  })

  test('refuse an intermediate', () => {
    const old = authority('issuer', { by: root, notBefore: hours(-9), notAfter: hours(-8) })
    expect(refusalOf(() => verify([workload, old]))).toMatchObject({
      code: 'CERT_EXPIRED',
      detail: { certificate: 'CN=issuer' },
    })
    const next = authority('issuer', { by: root, notBefore: hours(8), notAfter: hours(9) })
    expect(refuse([workload, next])).toBe('CERT_NOT_YET_VALID')
  })

  test('refuse an anchor with codes of its own (X509-32, Q44)', () => {
    const old = authority('root', { notBefore: hours(-9), notAfter: hours(-8) })
    expect(refuse([workload, issuer], { anchors: [old] })).toBe('CERT_ANCHOR_EXPIRED')
    const next = authority('root', { notBefore: hours(8), notAfter: hours(9) })
    expect(refuse([workload, issuer], { anchors: [next] })).toBe('CERT_ANCHOR_NOT_YET_VALID')
  })

  test('pass over an expired certificate when another serves, in either order', () => {
    const old = authority('issuer', { by: root, notBefore: hours(-9), notAfter: hours(-8) })
    expect(verify([workload, old, issuer]).path).toHaveLength(3)
    expect(verify([workload, issuer, old]).path).toHaveLength(3)
  })
})

describe('issuers', () => {
  test('must be known', () => {
    const error = refusalOf(() => verify([workload]))
    expect(error).toMatchObject({ code: 'CERT_UNKNOWN_ISSUER', detail: { certificate: id, issuer: 'CN=issuer' } })
    expect(error.detail['authorityKeyIdentifier']).toMatch(/^[0-9a-f]{40}$/)
    expect(refusalOf(() => verify([workload, issuer], { anchors: [authority('other')] }))).toMatchObject({
      code: 'CERT_UNKNOWN_ISSUER',
      detail: { certificate: 'CN=issuer', issuer: 'CN=root' },
    })
  })

  test('are not trusted for being self-signed', () => {
    const error = refusalOf(() => verify([authority('rogue')], { purpose: 'issuer' }))
    expect(error.code).toBe('CERT_UNKNOWN_ISSUER')
    expect(error.message).toContain('self-issued')
    const rogue = authority('root', { key: key(66) })
    expect(refuse([leaf(id, { by: rogue }), rogue])).toBe('CERT_UNKNOWN_ISSUER')
  })

  test('are compared by the octets of their names', () => {
    const issuerName = root.certificate.subject.bytes.slice()
    issuerName[issuerName.length - 1] = 'T'.charCodeAt(0)
    const der = forge({ issuer: issuerName, signer: root.key, extensions: [uriName(id)] })
    expect(refuse([{ certificate: parseCertificate(der), key: root.key }])).toBe('CERT_UNKNOWN_ISSUER')
  })

  test('must have the right key: key identifiers tell another key from a bad signature', () => {
    const impostor = authority('issuer', { by: root, key: key(55) })
    const error = refusalOf(() => verify([workload, impostor]))
    expect(error.code).toBe('CERT_UNKNOWN_ISSUER')
    expect(error.detail).toHaveProperty('issuerKeyIdentifier')
    const silent = authority('issuer', { by: root, key: key(55), extensions: caExtensions })
    expect(refuse([workload, silent])).toBe('CERT_SIGNATURE_INVALID')
  })

  test('are found among several of one name, whatever their order and key identifiers', () => {
    const silent = authority('issuer', { by: root, extensions: caExtensions })
    const impostors = [1, 2, 3].map((seed) => authority('issuer', { by: root, key: key(seed + 50) }))
    expect(verify([workload, ...impostors, issuer]).intermediates).toEqual([issuer.certificate])
    expect(verify([workload, ...impostors, silent]).intermediates).toEqual([silent.certificate])
  })

  test('may be cross-signed: the branch that leads to an anchor is taken', () => {
    const retired = authority('retired')
    const cross = authority('issuer', { by: retired, pathLength: 0 })
    expect(verify([workload, cross, issuer]).anchor).toBe(root.certificate)
    expect(verify([workload, issuer, cross]).anchor).toBe(root.certificate)
    expect(verify([workload, issuer, cross], { anchors: [retired] }).anchor).toBe(retired.certificate)
  })

  test('cannot send the search round in circles', () => {
    const a = authority('a')
    const b = authority('b')
    const aByB = authority('a', { by: b })
    const bByA = authority('b', { by: a })
    expect(refuse([leaf(id, { by: a }), aByB, bByA])).toBe('CERT_UNKNOWN_ISSUER')
  })

  test('cannot make the search verify without end', () => {
    let asked = 0
    const verifier: Verifier = { verify: () => ++asked > 0 }
    const loops = Array.from({ length: 9 }, (_, index) =>
      authority('x', { key: key(index + 1), extensions: caExtensions }),
    )
    const first = leaf(id, { by: { certificate: loops[0]?.certificate ?? root.certificate, key: key(1) } })
    expect(refusalOf(() => verify([first, ...loops], { verifier }))).toMatchObject({
      code: 'CERT_SEARCH_LIMIT',
      detail: { limit: MAX_SIGNATURE_CHECKS },
    })
    expect(asked).toBe(MAX_SIGNATURE_CHECKS)
  })
})

describe('signatures', () => {
  function tampered(bit: number): Link {
    const der = workload.certificate.der.slice()
    const last = der.length - 1 - bit
    der[last] = (der[last] ?? 0) ^ 1
    return { ...workload, certificate: parseCertificate(der) }
  }

  test('must verify, at every link', () => {
    expect(refusalOf(() => verify([tampered(0), issuer]))).toMatchObject({
      code: 'CERT_SIGNATURE_INVALID',
      detail: { certificate: id, issuer: 'CN=issuer', algorithm: 'ecdsa-sha256', issuerAlgorithm: 'P-256' },
    })
    const der = forge({ subject: name('issuer'), issuer: name('root'), key: issuer.key, extensions: caExtensions })
    expect(refuse([workload, { certificate: parseCertificate(der), key: issuer.key }])).toBe('CERT_SIGNATURE_INVALID')
  })

  test('must fit the key of the issuer', () => {
    const ed25519 = key(9, 'Ed25519')
    const der = forge({ subject: name(), issuer: name('issuer'), signer: ed25519, extensions: [uriName(id)] })
    const error = refusalOf(() => verify([{ certificate: parseCertificate(der), key: ed25519 }, issuer]))
    expect(error).toMatchObject({ code: 'CERT_SIGNATURE_INVALID', cause: { code: 'KEYS_ALGORITHM_MISMATCH' } })
  })

  test('must be of a supported algorithm', () => {
    const innerAlgorithm = encodeSequence(encodeOid(oids.ecdsaWithSha1))
    const der = forge({ innerAlgorithm, issuer: name('issuer'), signer: issuer.key, extensions: [uriName(id)] })
    expect(refusalOf(() => verify([{ certificate: parseCertificate(der), key: issuer.key }, issuer]))).toMatchObject({
      code: 'CERT_UNSUPPORTED_ALGORITHM',
      detail: { found: 'ecdsaWithSha1' },
    })
  })
})

describe('powers', () => {
  test('a leaf signs nothing (X509-13)', () => {
    const named = authorityWith(basicConstraints(false), keyUsage(usage.digitalSignature))
    expect(refuse([leaf(id, { by: named }), named])).toBe('CERT_NOT_A_CA')
    const silent = authorityWith(keyUsage(usage.keyCertSign))
    expect(refuse([workload, silent])).toBe('CERT_NOT_A_CA')
  })

  test('a CA needs keyCertSign to sign (Q11)', () => {
    expect(refuse([workload, authorityWith(basicConstraints(true), keyUsage(usage.crlSign))])).toBe(
      'CERT_NO_KEY_CERT_SIGN',
    )
    expect(refuse([workload, authorityWith(basicConstraints(true))])).toBe('CERT_NO_KEY_CERT_SIGN')
  })

  test('a CA authenticates nobody (X509-13, X509-15, X509-18)', () => {
    expect(refuse([issuer])).toBe('CERT_LEAF_IS_CA')
    const signing = leaf(id, {
      by: issuer,
      extensions: [keyUsage(usage.digitalSignature | usage.keyCertSign), uriName(id)],
    })
    expect(refuse([signing, issuer])).toBe('CERT_LEAF_CAN_SIGN')
  })

  test('a leaf is no issuer (Q11)', () => {
    expect(refuse([workload, issuer], { purpose: 'issuer' })).toBe('CERT_NOT_A_CA')
    const powerless = authorityWith(basicConstraints(true), keyUsage(usage.crlSign))
    expect(refuse([powerless], { purpose: 'issuer' })).toBe('CERT_NO_KEY_CERT_SIGN')
  })

  test('a leaf that says what its key is for says digitalSignature', () => {
    const other = leaf(id, { by: issuer, extensions: [keyUsage(usage.keyEncipherment), uriName(id)] })
    expect(refuse([other, issuer])).toBe('CERT_KEY_USAGE_MISMATCH')
  })
})

describe('path lengths', () => {
  const policy = authority('policy', { by: root, pathLength: 0 })
  const below = authority('below', { by: policy })

  test('are kept by intermediates and anchors', () => {
    expect(refusalOf(() => verify([leaf(id, { by: below }), below, policy]))).toMatchObject({
      code: 'CERT_PATH_LENGTH_EXCEEDED',
      detail: { certificate: 'CN=policy', limit: 0, found: 1 },
    })
    const tight = authority('root', { pathLength: 0 })
    expect(refuse([workload, issuer], { anchors: [tight] })).toBe('CERT_PATH_LENGTH_EXCEEDED')
    expect(verify([leaf(id, { by: tight })], { anchors: [tight] }).path).toHaveLength(2)
  })

  test('leave room below an issuer, or it is refused (Q11)', () => {
    expect(refuse([below, policy], { purpose: 'issuer' })).toBe('CERT_PATH_LENGTH_EXCEEDED')
    const tight = authority('root', { pathLength: 0 })
    expect(refuse([issuer], { purpose: 'issuer', anchors: [tight] })).toBe('CERT_PATH_LENGTH_EXCEEDED')
    expect(verify([tight], { purpose: 'issuer', anchors: [tight] }).path).toHaveLength(1)
  })

  test('do not count self-issued CAs, as in a key rollover', () => {
    const tight = authority('root', { pathLength: 0 })
    const rolled = authority('root', { by: tight, key: key(88) })
    expect(verify([leaf(id, { by: rolled }), rolled], { anchors: [tight] }).path).toHaveLength(3)
  })
})

describe('extended key usage', () => {
  const serverOnly = leaf(id, {
    by: issuer,
    extensions: [keyUsage(usage.digitalSignature), extendedKeyUsage(oids.serverAuth), uriName(id)],
  })

  test('of a leaf allows its side', () => {
    expect(verify([serverOnly, issuer], { purpose: 'leaf-server' }).path).toHaveLength(3)
    expect(refusalOf(() => verify([serverOnly, issuer], { purpose: 'leaf-client' }))).toMatchObject({
      code: 'CERT_EXTENDED_KEY_USAGE_MISMATCH',
      detail: { expected: ['clientAuth'], found: ['serverAuth'] },
    })
    expect(refuse([serverOnly, issuer], { purpose: 'leaf' })).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
  })

  test('may be absent, or any (X509-21)', () => {
    const silent = leaf(id, { by: issuer, extensions: [keyUsage(usage.digitalSignature), uriName(id)] })
    expect(verify([silent, issuer]).path).toHaveLength(3)
    const any = leaf(id, { by: issuer, extensions: [extendedKeyUsage(oids.anyExtendedKeyUsage), uriName(id)] })
    expect(verify([any, issuer]).path).toHaveLength(3)
  })

  test('of a CA limits what stands below it (X509-22, Q23)', () => {
    const both = authorityWith(...caExtensions, extendedKeyUsage(oids.serverAuth, oids.clientAuth))
    expect(verify([workload, both]).path).toHaveLength(3)
    expect(verify([both], { purpose: 'issuer' }).path).toHaveLength(2)
    const mail = authorityWith(...caExtensions, extendedKeyUsage(oids.emailProtection))
    expect(refuse([workload, mail])).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
    expect(refuse([mail], { purpose: 'issuer' })).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
    const mailRoot = authority('root', { extensions: [...caExtensions, extendedKeyUsage(oids.emailProtection)] })
    expect(refuse([workload, issuer], { anchors: [mailRoot] })).toBe('CERT_EXTENDED_KEY_USAGE_MISMATCH')
  })
})

describe('critical extensions', () => {
  const unknown = extension('1.2.3.4', encodeNull(), true)

  test('that are unknown refuse a leaf, an intermediate and an anchor (X509-26)', () => {
    const odd = leaf(id, { by: issuer, more: [unknown] })
    expect(refusalOf(() => verify([odd, issuer]))).toMatchObject({
      code: 'CERT_UNKNOWN_CRITICAL_EXTENSION',
      detail: { found: ['1.2.3.4'] },
    })
    expect(refuse([workload, authority('issuer', { by: root, more: [unknown] })])).toBe(
      'CERT_UNKNOWN_CRITICAL_EXTENSION',
    )
    const anchors = [authority('root', { more: [unknown] })]
    expect(refuse([workload, issuer], { anchors })).toBe('CERT_UNKNOWN_CRITICAL_EXTENSION')
  })

  test('that are unknown but not critical do not matter', () => {
    const odd = leaf(id, { by: issuer, more: [extension('1.2.3.4', encodeNull())] })
    expect(verify([odd, issuer]).path).toHaveLength(3)
  })
})

describe('messages', () => {
  test('cut names that the peer made long, and call a nameless certificate by its serial number', () => {
    const long = authority('x'.repeat(5000), { key: key(3) })
    const error = refusalOf(() => verify([long], { purpose: 'issuer' }))
    expect(error.message.length).toBeLessThan(600)
    const nameless = parseCertificate(forge({ subject: name() }))
    expect(refusalOf(() => verify([{ certificate: nameless, key: key(1) }])).detail['certificate']).toBe(
      'certificate 1234',
    )
  })
})
