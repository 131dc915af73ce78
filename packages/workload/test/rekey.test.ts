import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsr, verifyCsr } from '@meshid/csr'
import { isSameKey, parsePrivateKey, type PublicKey } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import type { Certify, CertifyLoop } from '@meshid/workload'
import { describe, expect, test } from 'vitest'
import { createCertifyRig } from './certify-rig.ts'
import { useFolders } from './folders.ts'

const newFolder = useFolders()

const spki = ({ spki: bytes }: PublicKey): string => Buffer.from(bytes).toString('hex')
const keyOf = (csr: Uint8Array): string => spki(verifyCsr(parseCsr(csr), { verifier: nodeVerifier }).publicKey)
const keyInUse = ({ source }: CertifyLoop): string => spki(source.current?.leaf.publicKey as PublicKey)

async function filesOf(folder: string): Promise<{ key: string; csr: string }> {
  const key = parsePrivateKey(await readFile(join(folder, 'key.p8')))
  return { key: spki(key.publicKey), csr: keyOf(await readFile(join(folder, 'csr.der'))) }
}

describe('a new key at each renewal (Q39)', () => {
  test('is asked for with its own CSR, used with its own certificate, and lies in the directory then', async () => {
    const folder = await newFolder()
    const { loop } = await createCertifyRig({ folder, rekey: 'every-renewal' })
    await using _loop = loop
    await loop.ready()
    const keys = [keyInUse(loop)]
    expect((await filesOf(folder)).key).toBe(keys[0])
    for (let renewal = 0; renewal < 3; renewal += 1) {
      await loop.certifyNow()
      keys.push(keyInUse(loop))
      const inUse = keys.at(-1)
      expect(await filesOf(folder)).toEqual({ key: inUse, csr: inUse })
      expect(keyOf(loop.keyMaterial.csr)).toBe(inUse)
    }
    expect(new Set(keys).size).toBe(4)
    expect(loop.keyMaterial.origin).toEqual({ kind: 'created', reason: 'the key had 1 certificates' })
  })

  test('stays in memory, and the old one in use, until the certificate is there; retries ask with the same', async () => {
    const folder = await newFolder()
    const state = { isDown: false }
    const service =
      (honest: Certify): Certify =>
      (question, call) =>
        state.isDown ? Promise.reject(new Error('down')) : honest(question, call)
    const rig = await createCertifyRig({ folder, rekey: 'every-renewal', service })
    await using loop = rig.loop
    await loop.ready()
    const first = keyInUse(loop)
    state.isDown = true
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(loop.certifyNow()).rejects.toThrow('down')
    expect(keyInUse(loop)).toBe(first)
    expect(await filesOf(folder)).toEqual({ key: first, csr: first })
    expect(keyOf(loop.keyMaterial.csr)).toBe(first)
    state.isDown = false
    await loop.certifyNow()
    const asked = rig.questions.all.map(({ csr }) => keyOf(csr))
    expect(asked.slice(1)).toEqual(Array.from({ length: 4 }, () => keyInUse(loop)))
    expect(keyInUse(loop)).not.toBe(first)
  })

  test('is not used when the answer does not verify', async () => {
    const state: { replay: Awaited<ReturnType<Certify>> | undefined } = { replay: undefined }
    const service =
      (honest: Certify): Certify =>
      async (question, call) =>
        (state.replay ??= await honest(question, call))
    const rig = await createCertifyRig({ folder: await newFolder(), rekey: 'every-renewal', service })
    await using loop = rig.loop
    await loop.ready()
    const first = keyInUse(loop)
    await expect(loop.certifyNow()).rejects.toMatchObject({ code: 'WORKLOAD_CREDENTIAL_KEY_MISMATCH' })
    expect(keyInUse(loop)).toBe(first)
    expect(keyOf(loop.keyMaterial.csr)).toBe(first)
  })

  test('is used although it cannot be written, and the observer is told; what lies there is no torn pair', async () => {
    const folder = await newFolder()
    const rig = await createCertifyRig({ folder, rekey: 'every-renewal' })
    await using loop = rig.loop
    await loop.ready()
    const first = keyInUse(loop)
    await rm(join(folder, 'key.p8'))
    await mkdir(join(folder, 'key.p8')) // Nothing can be renamed over a directory.
    await loop.certifyNow()
    expect(await rig.next('key-not-written')).toMatchObject({ error: { code: 'WORKLOAD_FILE_UNWRITABLE' } })
    expect(keyInUse(loop)).not.toBe(first)
    expect(loop.status().state).toBe('fresh')
    await expect(readFile(join(folder, 'csr.der'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('an observer that throws when it is told does not spoil the renewal', async () => {
    const folder = await newFolder()
    const { loop } = await createCertifyRig({
      folder,
      rekey: 'every-renewal',
      observer: () => {
        throw new Error('an observer')
      },
    })
    await using _loop = loop
    await loop.ready()
    await rm(join(folder, 'key.p8'))
    await mkdir(join(folder, 'key.p8'))
    await loop.certifyNow()
    expect(loop.status().state).toBe('fresh')
    await chmod(folder, 0o700)
  })
})

test('a key may have several certificates first', async () => {
  const { loop } = await createCertifyRig({ folder: await newFolder(), rekey: { certificatesPerKey: 3 } })
  await using _loop = loop
  await loop.ready()
  const keys = [keyInUse(loop)]
  for (let renewal = 0; renewal < 6; renewal += 1) {
    await loop.certifyNow()
    keys.push(keyInUse(loop))
  }
  expect(keys.map((key) => [...new Set(keys)].indexOf(key))).toEqual([0, 0, 0, 1, 1, 1, 2])
})

test.each([0, -1, 1.5, Number.NaN])(
  'a number of certificates that cannot be is refused: %d',
  async (certificatesPerKey) => {
    await expect(createCertifyRig({ folder: await newFolder(), rekey: { certificatesPerKey } })).rejects.toThrow(
      RangeError,
    )
  },
)

test('never is the default', async () => {
  const { loop } = await createCertifyRig({ folder: await newFolder() })
  await using _loop = loop
  await loop.ready()
  const first = loop.keyMaterial
  await loop.certifyNow()
  expect(loop.keyMaterial).toBe(first)
  expect(isSameKey(first.privateKey.publicKey, loop.source.current?.leaf.publicKey as PublicKey)).toBe(true)
})
