import { createTestCa } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import { installWith } from './install.ts'
import { exampleRoot, parseObjects, readExample } from './manifests.ts'

const now = new Date()
const ca = await createTestCa({ now })

/** What stands in the base where `meshid install` puts what it was given. */
const placeholder = 'A placeholder: see examples/kubernetes/README.md\n'
const given = [ca.issuerPem, ca.issuerKey.toPkcs8Pem(), ca.rootPem] as const
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A ConfigMap has PEM indented below its key. */
const indented = (pem: string): string => `|\n${pem.replaceAll(/^(?=.)/gm, '    ')}`

function withoutMaterial(yaml: string): string {
  const texts = given.flatMap((pem) => [
    [base64(pem), base64(placeholder)] as const,
    [indented(pem), indented(placeholder)] as const,
  ])
  return texts.reduce((text, [real, inert]) => text.replaceAll(real, inert), yaml)
}

/** The documents of a stream by the file that they go to: one for each kind. */
function filesOf(yaml: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const document of yaml.split(/^---\n/m)) {
    const [{ kind } = { kind: '' }] = parseObjects(document)
    const name = `${kind.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase()}.yaml`
    const earlier = files.get(name)
    files.set(name, earlier === undefined ? document : `${earlier}---\n${document}`)
  }
  return files
}

describe('examples/kubernetes/base', async () => {
  const { out } = await installWith(ca, { now })
  const files = filesOf(withoutMaterial(out))

  test.each([...files])(
    '%s is what meshid install prints, but for the certificates and the key',
    async (name, text) => {
      await expect(text).toMatchFileSnapshot(`${exampleRoot}/base/${name}`)
    },
  )

  test('kustomization.yaml names each of these files, in this order, and no other', () => {
    const [{ resources } = { resources: [] }] = parseObjects(readExample('base/kustomization.yaml'))
    expect(resources).toEqual([...files.keys()])
  })

  test('holds no certificate and no key, of any example', () => {
    const all = [...files.values()].join('')
    expect(all).not.toMatch(/BEGIN|LS0tLS1CRUdJTi/)
    expect(all.split(base64(placeholder))).toHaveLength(3)
    expect(all).toContain(placeholder)
  })
})
