import { isSameKey, parsePrivateKey } from '@meshid/keys'
import { openssl } from '@meshid/testkit'
import { expect, test } from 'vitest'

const generate = {
  'EC PRIVATE KEY': ['ecparam', '-name', 'prime256v1', '-genkey', '-noout'],
  'RSA PRIVATE KEY': ['genrsa', '-traditional', '2048'],
  'PRIVATE KEY': ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
} as const

test.each(Object.entries(generate))(
  'a private key is written as PKCS#8, whatever it was read from: %s (Q22)',
  async (label, args) => {
    const pem = (await openssl([...args])).stdout.toString()
    expect(pem).toContain(`-----BEGIN ${label}-----`)
    const key = parsePrivateKey(pem)
    const written = key.toPkcs8Pem()
    expect(written).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(isSameKey(parsePrivateKey(written).publicKey, key.publicKey)).toBe(true)
    const { code, stdout } = await openssl(['pkey', '-noout', '-text_pub'], { input: written })
    expect({ code, kind: /RSA|prime256v1/.exec(stdout.toString())?.[0] }).toEqual({
      code: 0,
      kind: label === 'RSA PRIVATE KEY' ? undefined : 'prime256v1',
    })
  },
)
