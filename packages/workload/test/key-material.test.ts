import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { parseCsr, verifyCsr } from '@meshid/csr'
import { generatePrivateKey, isSameKey, parsePrivateKey } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { openssl } from '@meshid/testkit'
import {
  type EndEntityDirectory,
  type KeyMaterial,
  openEndEntityDirectory,
  parseWorkloadName,
  prepareKeyMaterial,
} from '@meshid/workload'
import { expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { refusalOf } from './refusal.ts'
import { web, webDnsName } from './world.ts'

const newFolder = useFolders()
const newDirectory = async (): Promise<EndEntityDirectory> => openEndEntityDirectory(await newFolder())
const spiffeName = parseWorkloadName(web.toString())
const dnsName = parseWorkloadName(webDnsName.toString())

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)
const sameKey = (one: KeyMaterial, other: KeyMaterial): boolean =>
  isSameKey(one.privateKey.publicKey, other.privateKey.publicKey)

test('a SPIFFE name: key.p8 is PEM, csr.der asks for the one URI, both can be read by the owner only', async () => {
  const directory = await newDirectory()
  const made = await prepareKeyMaterial(directory, { name: spiffeName })
  expect(made.origin).toEqual({ kind: 'created', reason: 'no key and no CSR were there' })
  expect(await modeOf(directory.keyPath)).toBe('600')
  expect(await modeOf(directory.csrPath)).toBe('600')
  expect(await readFile(directory.keyPath, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(new Uint8Array(await readFile(directory.csrPath))).toEqual(made.csr)
  const csr = verifyCsr(parseCsr(made.csr), { verifier: nodeVerifier })
  expect(csr).toMatchObject({ uris: [web.toString()], dnsNames: [], subject: { isEmpty: true } })
  expect(made.privateKey.algorithm).toBe('P-256')
})

test("a DNS name: key.p8 is DER and csr.der has the name twice, as Linkerd's proxy reads them", async () => {
  const directory = await newDirectory()
  const made = await prepareKeyMaterial(directory, { name: dnsName })
  const key = await readFile(directory.keyPath)
  expect(key[0]).toBe(0x30)
  expect(isSameKey(parsePrivateKey(key).publicKey, made.privateKey.publicKey)).toBe(true)
  const csr = verifyCsr(parseCsr(made.csr), { verifier: nodeVerifier })
  expect(csr).toMatchObject({ uris: [], dnsNames: [webDnsName.toString()] })
  expect(csr.subject.commonName).toBe(webDnsName.toString())
})

test('a DNS name of more than 64 characters is no common name (Q52)', async () => {
  const text = `${'web'.repeat(20)}.emojivoto.serviceaccount.identity.linkerd.cluster.local`
  const made = await prepareKeyMaterial(await newDirectory(), { name: parseWorkloadName(text) })
  expect(parseCsr(made.csr)).toMatchObject({ dnsNames: [text], subject: { isEmpty: true } })
})

test('openssl agrees about both files', async () => {
  const directory = await newDirectory()
  await prepareKeyMaterial(directory, { name: spiffeName })
  const request = await openssl(['req', '-inform', 'DER', '-in', directory.csrPath, '-verify', '-noout', '-text'])
  expect(request.code).toBe(0)
  expect(String(request.stdout)).toContain(`URI:${web.toString()}`)
  const key = await openssl(['pkey', '-in', directory.keyPath, '-check', '-noout'])
  expect(key.code).toBe(0)
})

test.each([
  ['PEM', spiffeName],
  ['DER', dnsName],
])('what was written as %s is read back and used again', async (_format, name) => {
  const directory = await newDirectory()
  const made = await prepareKeyMaterial(directory, { name })
  const found = await prepareKeyMaterial(directory, { name })
  expect(found.origin).toEqual({ kind: 'found' })
  expect(sameKey(found, made)).toBe(true)
  expect(found.csr).toEqual(made.csr)
})

test.each(['pem', 'der'] as const)('the format can be chosen, and both are read: %s', async (keyFormat) => {
  const directory = await newDirectory()
  await prepareKeyMaterial(directory, { name: spiffeName, keyFormat })
  expect((await readFile(directory.keyPath))[0] === 0x30).toBe(keyFormat === 'der')
  expect((await prepareKeyMaterial(directory, { name: spiffeName })).origin.kind).toBe('found')
})

test('a new key can be asked for', async () => {
  const directory = await newDirectory()
  const made = await prepareKeyMaterial(directory, { name: spiffeName })
  const next = await prepareKeyMaterial(directory, { name: spiffeName, renew: true })
  expect(next.origin).toEqual({ kind: 'created', reason: 'a new key was asked for' })
  expect(sameKey(next, made)).toBe(false)
})

const spoilt: readonly (readonly [string, RegExp, (directory: EndEntityDirectory) => Promise<unknown>])[] = [
  ['the key is gone', /^no key was there$/, ({ keyPath }) => rm(keyPath)],
  ['the CSR is gone', /^no CSR was there$/, ({ csrPath }) => rm(csrPath)],
  ['the key is empty', /^the key was not whole: KEYS_/, ({ keyPath }) => writeFile(keyPath, '')],
  [
    'the key is torn',
    /^the key was not whole: KEYS_PRIVATE_KEY_INVALID$/,
    async ({ keyPath }) => writeFile(keyPath, (await readFile(keyPath)).subarray(0, 100)),
  ],
  [
    'the CSR is torn',
    /^the CSR was not whole: CSR_/,
    async ({ csrPath }) => writeFile(csrPath, (await readFile(csrPath)).subarray(0, 100)),
  ],
  [
    'a bit of the CSR is flipped',
    /^the CSR was not whole: CSR_/,
    async ({ csrPath }) => {
      const csr = await readFile(csrPath)
      csr.writeUInt8(csr.readUInt8(csr.length - 1) ^ 1, csr.length - 1)
      await writeFile(csrPath, csr)
    },
  ],
  [
    'the key is another one',
    /^the CSR was for another key$/,
    ({ keyPath }) => writeFile(keyPath, generatePrivateKey().toPkcs8()),
  ],
  ['others may read the key', /^others could read the key: mode 640$/, ({ keyPath }) => chmod(keyPath, 0o640)],
]

test.each(spoilt)('%s: a new pair, and the reason is told', async (_what, reason, spoil) => {
  const directory = await newDirectory()
  const made = await prepareKeyMaterial(directory, { name: spiffeName })
  await spoil(directory)
  const next = await prepareKeyMaterial(directory, { name: spiffeName })
  expect(next.origin).toEqual({ kind: 'created', reason: expect.stringMatching(reason) })
  expect(sameKey(next, made)).toBe(false)
  expect(await modeOf(directory.keyPath)).toBe('600')
  expect((await prepareKeyMaterial(directory, { name: spiffeName })).origin.kind).toBe('found')
})

test.each([
  ['another SPIFFE ID', 'spiffe://cluster.local/ns/emojivoto/sa/web-evil'],
  ['the DNS form of the same account', webDnsName.toString()],
])('a CSR for another name is not sent: %s', async (_what, text) => {
  const directory = await newDirectory()
  await prepareKeyMaterial(directory, { name: spiffeName })
  const next = await prepareKeyMaterial(directory, { name: parseWorkloadName(text) })
  expect(next.origin).toEqual({ kind: 'created', reason: 'the CSR was for another name' })
})

test('a file that cannot be read is an error, not a reason to write over it', async () => {
  const directory = await newDirectory()
  await mkdir(directory.keyPath)
  const error = await refusalOf(() => prepareKeyMaterial(directory, { name: spiffeName }))
  expect(error).toMatchObject({ code: 'WORKLOAD_FILE_UNREADABLE', detail: { path: directory.keyPath } })
  expect(error.cause).toMatchObject({ code: 'EISDIR' })
})

test('a file that cannot be written is an error with its path', async () => {
  const directory = await newDirectory()
  await rm(directory.path, { recursive: true })
  const error = await refusalOf(() => prepareKeyMaterial(directory, { name: spiffeName }))
  expect(error).toMatchObject({ code: 'WORKLOAD_FILE_UNWRITABLE', detail: { path: directory.keyPath } })
  expect(error.cause).toMatchObject({ code: 'MOUNTS_DIRECTORY_MISSING' })
})
