import { type KeyAlgorithm, keyIdentifier } from '@meshid/keys'
import { generateNodePrivateKey } from '@meshid/keys/node'
import { encodePem } from '@meshid/der'
import { describe, expect, test } from 'vitest'
import { createCaPair, linesOfPem, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('meshid key inspect', () => {
  test.each<KeyAlgorithm>(['P-256', 'P-384', 'Ed25519'])('names a %s key by its identifiers', async (algorithm) => {
    const key = generateNodePrivateKey(algorithm as 'P-256')
    const expected = {
      kind: 'private',
      algorithm,
      keyId: hex(keyIdentifier(key.publicKey)),
      sha1KeyId: hex(keyIdentifier(key.publicKey, 'sha1')),
    }
    const pem = await meshidJson(['key', 'inspect', await folder.write('key.pem', key.toPkcs8Pem())])
    const der = await meshidJson(['key', 'inspect', await folder.write('key.der', key.toPkcs8())])
    expect([pem.json, der.json]).toEqual([expected, expected])
  })

  test('never prints the secret', async () => {
    const key = generateNodePrivateKey('P-256')
    const { code, out, err } = await meshid(['key', 'inspect', '-'], { stdin: key.toPkcs8Pem() })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(
      /^Kind: {16}private key\nAlgorithm: {11}P-256\nKey id: {14}[0-9a-f]{40}\nSHA-1 key id: {8}[0-9a-f]{40}\n$/,
    )
    for (const line of linesOfPem(key.toPkcs8Pem())) expect(out).not.toContain(line)
  })

  test('shows the id that certificate inspect shows for the certificate of the key', async () => {
    await createCaPair(folder)
    const certificate = await meshidJson(['certificate', 'inspect', path('issuer.crt')])
    const { keyId } = (await meshidJson(['key', 'inspect', path('issuer.key')])).json as { keyId: string }
    expect(certificate.json).toMatchObject({ certificates: [{ publicKey: { keyId }, subjectKeyId: keyId }] })
  })

  test('takes a PUBLIC KEY block', async () => {
    const { publicKey } = generateNodePrivateKey('Ed25519')
    const { json } = await meshidJson(['key', 'inspect', '-'], { stdin: encodePem('PUBLIC KEY', publicKey.spki) })
    expect(json).toMatchObject({ kind: 'public', keyId: hex(keyIdentifier(publicKey)) })
  })

  test.each([
    ['an encrypted key', encodePem('ENCRYPTED PRIVATE KEY', Uint8Array.of(48, 0)), 'KEYS_ENCRYPTED'],
    ['a certificate', encodePem('CERTIFICATE', Uint8Array.of(48, 0)), 'KEYS_PRIVATE_KEY_INVALID'],
    ['a malformed public key', encodePem('PUBLIC KEY', Uint8Array.of(48, 0)), 'KEYS_PUBLIC_KEY_INVALID'],
    ['two public keys', encodePem('PUBLIC KEY', Uint8Array.of(48, 0)).repeat(2), 'KEYS_PRIVATE_KEY_INVALID'],
    ['a torn public key', '-----BEGIN PUBLIC KEY-----\nMAA=\n', 'DER_PEM_UNTERMINATED'],
    ['an empty file', '', 'KEYS_PRIVATE_KEY_INVALID'],
    ['too much', 'x'.repeat(20_000), 'CLI_FILE_TOO_LARGE'],
  ])('refuses %s', async (_, stdin, reason) => {
    const { code, out, err } = await meshid(['key', 'inspect', '-'], { stdin })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(new RegExp(`^meshid: ${reason}: standard input: [^]*\n {2}next: `))
  })

  test('a damaged key is refused without a byte of it', async () => {
    const pem = generateNodePrivateKey('P-256').toPkcs8Pem()
    const { code, err } = await meshid(['key', 'inspect', '-'], { stdin: pem.replace(/\n(?=.)/, '\n*') })
    expect(code).toBe(1)
    for (const line of linesOfPem(pem)) expect(err).not.toContain(line.slice(0, 12))
  })
})
