import { buildCsr, ParsedCsr, parseCsr, VerifiedCsr, verifyCsr } from '@meshid/csr'
import { encodeBitString, encodeOid, encodeSequence, oids } from '@meshid/der'
import { isSameKey, nobleVerifier, ProvenKey, type Verifier } from '@meshid/keys'
import { describe, expect, test } from 'vitest'
import { codeOf, forge, signers } from './forge.ts'

const csrOf = async (algorithm: keyof typeof signers) =>
  buildCsr({ signer: signers[algorithm], commonName: 'web', dnsNames: ['web'], uris: ['spiffe://example.org/web'] })
const algorithms = ['P-256', 'P-384', 'Ed25519'] as const

describe('verifyCsr', () => {
  test.each(algorithms)('yields a proven %s key and the same facts', async (algorithm) => {
    const parsed = parseCsr(await csrOf(algorithm))
    const verified = verifyCsr(parsed)
    expect(verified).toBeInstanceOf(VerifiedCsr)
    expect(verified.key).toBeInstanceOf(ProvenKey)
    expect(isSameKey(verified.key.publicKey, parsed.publicKey)).toBe(true)
    expect(verified.dnsNames).toEqual(['web'])
    expect(verified.subject.commonName).toBe('web')
    expect(verified.der).toEqual(parsed.der)
    expect(verified.signatureAlgorithm).toBe(parsed.signatureAlgorithm)
    expect(verified.requestedExtensions).toEqual(parsed.requestedExtensions)
  })

  test.each(algorithms)('Q1: a %s request whose signature has a flipped bit is refused', async (algorithm) => {
    const der = await csrOf(algorithm)
    der[der.length - 5] = (der.at(-5) ?? 0) ^ 0x10
    expect(codeOf(() => verifyCsr(parseCsr(der)))).toBe('CSR_SIGNATURE_INVALID')
  })

  test('Q1: a request with another name than was signed is refused', async () => {
    const der = await csrOf('P-256')
    const at = String.fromCharCode(...der).indexOf('spiffe://example.org/web')
    der[at + 'spiffe://example.org/'.length] = 'x'.charCodeAt(0)
    const parsed = parseCsr(der)
    expect(parsed.uris).toEqual(['spiffe://example.org/xeb'])
    expect(codeOf(() => verifyCsr(parsed))).toBe('CSR_SIGNATURE_INVALID')
  })

  test("Q1: a request for somebody else's key is refused", () => {
    const der = forge({ spki: signers['P-256'].key.spki, signature: encodeBitString(Uint8Array.of(1, 2, 3)) })
    expect(codeOf(() => verifyCsr(parseCsr(der)))).toBe('CSR_SIGNATURE_INVALID')
  })

  test('a point that is not on its curve is refused', () => {
    const point = Uint8Array.of(4, ...new Uint8Array(64).fill(7))
    const spki = encodeSequence(
      encodeSequence(encodeOid(oids.ecPublicKey), encodeOid(oids.prime256v1)),
      encodeBitString(point),
    )
    expect(codeOf(() => verifyCsr(parseCsr(forge({ spki }))))).toBe('CSR_PUBLIC_KEY_INVALID')
  })

  test('Q9: policy may allow fewer kinds of key, which is told before the signature is looked at', async () => {
    const csr = parseCsr(await csrOf('P-384'))
    const never: Verifier = {
      verify() {
        throw new Error('not reached')
      },
    }
    const options = { keyAlgorithms: ['P-256'], verifier: never } as const
    expect(codeOf(() => verifyCsr(csr, options))).toBe('CSR_UNSUPPORTED_KEY')
    expect(codeOf(() => verifyCsr(csr, { keyAlgorithms: ['P-256', 'P-384'] }))).toBeUndefined()
  })

  test('the verifier is asked about exactly what was signed', async () => {
    const der = await csrOf('P-256')
    let asked = 0
    const verifier: Verifier = {
      verify(publicKey, signatureAlgorithm, message, signature) {
        asked += message.length + signature.length
        return nobleVerifier.verify(publicKey, signatureAlgorithm, message, signature)
      },
    }
    verifyCsr(parseCsr(der), { verifier })
    // All of it but: the outer header (4), the algorithm (12), the header of the BIT STRING (2) and its count of unused bits (1).
    expect(asked).toBe(der.length - 19)
  })

  test('a verifier that breaks is not a refusal of the request', async () => {
    const csr = parseCsr(await csrOf('P-256'))
    const broken = new Error('no connection')
    const verifier: Verifier = {
      verify() {
        throw broken
      },
    }
    expect(() => verifyCsr(csr, { verifier })).toThrow(broken)
  })

  test('bytes that change after the check do not change what was verified', async () => {
    const der = await csrOf('P-256')
    const verified = verifyCsr(parseCsr(der))
    der.fill(0)
    expect(verified.uris).toEqual(['spiffe://example.org/web'])
    expect(isSameKey(verified.key.publicKey, signers['P-256'].key.publicKey)).toBe(true)
  })

  test('bytes that change between parsing and the check are read again', async () => {
    const der = await csrOf('P-256')
    const parsed = parseCsr(der)
    der.fill(0)
    expect(codeOf(() => verifyCsr(parsed))).toBe('CSR_MALFORMED')
    der.set(await csrOf('P-256'))
    expect(verifyCsr(parsed).uris).toEqual(['spiffe://example.org/web'])
  })

  test('a look-alike is a caller bug', () => {
    expect(() => verifyCsr(Object.create(ParsedCsr.prototype))).toThrow(TypeError)
  })
})
