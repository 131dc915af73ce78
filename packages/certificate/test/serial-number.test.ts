import { describe, expect, test } from 'vitest'
import { createIssuer, createRootCertificate } from '@meshid/certificate'
import { createCa, newKey, newSigner, now, webId } from './ca.ts'

const signer = newSigner()

/** The serial number of a root whose random bytes begin like this; the rest are 0xff. */
async function serialNumberFrom(...first: readonly number[]): Promise<string> {
  const random = (length: number) => {
    const bytes = new Uint8Array(length).fill(0xff)
    bytes.set(first)
    return bytes
  }
  const root = await createRootCertificate({ signer, commonName: 'root', now, random })
  return root.serialNumber
}

describe('a serial number', () => {
  test('has 127 random bits and is positive (Q2)', async () => {
    expect(await serialNumberFrom()).toBe(`7f${'ff'.repeat(15)}`)
    expect(await serialNumberFrom(0x80, 1)).toBe(`01${'ff'.repeat(14)}`)
  })

  test('drops the leading zeros that DER does not want, but not the one that keeps it positive', async () => {
    expect(await serialNumberFrom(0, 0, 0x12)).toBe(`12${'ff'.repeat(13)}`)
    expect(await serialNumberFrom(0, 0, 0x92)).toBe(`92${'ff'.repeat(13)}`)
    expect(await serialNumberFrom(...Array.from({ length: 15 }, () => 0), 1)).toBe('01')
  })

  test('is never zero: the next one is taken', async () => {
    expect(await serialNumberFrom(...Array.from({ length: 16 }, () => 0))).toBe(`7f${'ff'.repeat(15)}`)
    expect(await serialNumberFrom(0x80, ...Array.from({ length: 15 }, () => 0))).toBe(`7f${'ff'.repeat(15)}`)
  })

  test('is not used twice, whoever asks at the same time (Q2, Q3)', async () => {
    const ca = await createCa()
    const key = newKey()
    const [one, other] = await Promise.all([createIssuer({ ...ca, now }), createIssuer({ ...ca, now })])
    const requests = Array.from({ length: 300 }, (_, index) =>
      (index % 2 === 0 ? one : other).issue({ identity: { spiffeId: webId }, key, now }),
    )
    const serialNumbers = new Set((await Promise.all(requests)).map(({ serialNumber }) => serialNumber))
    expect(serialNumbers.size).toBe(300)
  }, 30_000)

  test('is drawn anew when the pool is used up', async () => {
    const ca = await createCa()
    const asked: number[] = []
    const random = (length: number) => {
      asked.push(length)
      return crypto.getRandomValues(new Uint8Array(length))
    }
    const issuer = await createIssuer({ ...ca, now }, { random })
    for (let leaf = 0; leaf < 300; leaf++) await issuer.issue({ identity: { spiffeId: webId }, key: signer.key, now })
    expect(asked).toEqual([4096, 4096])
  })

  test('needs real randomness', async () => {
    const root = (random: (length: number) => Uint8Array) =>
      createRootCertificate({ signer, commonName: 'root', now, random })
    await expect(root((length) => new Uint8Array(length))).rejects.toThrow(RangeError)
    await expect(root((length) => new Uint8Array(length - 1).fill(1))).rejects.toThrow(RangeError)
  })
})
