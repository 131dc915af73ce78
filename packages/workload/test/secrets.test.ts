import { inspect } from 'node:util'
import { createTestCa } from '@meshid/testkit'
import { createCredentialStore, parseWorkloadName, prepareKeyMaterial, openEndEntityDirectory } from '@meshid/workload'
import { expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { credentialOf, now, web } from './world.ts'

const newFolder = useFolders()
const everything = { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }

/** Fails when the text holds the key in one of its usual dresses. */
function expectNoKey(text: string, pem: string): void {
  const base64 = pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
  const der = Buffer.from(base64, 'base64')
  const scalar = der.subarray(36, 68) // of a P-256 PKCS#8 key
  for (const secret of ['PRIVATE KEY', base64, der.toString('hex'), scalar.toString('hex'), [...scalar].join(', ')]) {
    expect(text).not.toContain(secret)
  }
}

test('a credential never prints its key', async () => {
  const credential = await credentialOf(await createTestCa({ now }), web)
  const pem = credential.privateKeyPem()
  expect(pem).toContain('PRIVATE KEY')
  expect(credential.secureContext).toBe(credential.secureContext)
  expectNoKey(inspect(credential, everything), pem)
  expectNoKey(JSON.stringify({ credential, fields: Object.assign({}, credential) }), pem)
  expect(JSON.stringify(credential)).toBe(
    '"Credential(spiffe://cluster.local/ns/emojivoto/sa/web, until 2026-11-21T13:00:00.000Z)"',
  )
  expect(String(credential)).toBe(`Credential(${web.toString()}, until 2026-11-21T13:00:00.000Z)`)
  const { source, publish } = createCredentialStore()
  publish(credential)
  expectNoKey(inspect(source, everything) + JSON.stringify(source), pem)
})

test('key material never prints its key', async () => {
  const directory = await openEndEntityDirectory(await newFolder())
  const material = await prepareKeyMaterial(directory, { name: parseWorkloadName(web.toString()) })
  expectNoKey(inspect(material, everything) + JSON.stringify(material), material.privateKey.toPkcs8Pem())
})
