import { describe, expect, test } from 'vitest'
import { createCaPair, meshid, meshidJson, useFolder } from './meshid.ts'

const folder = useFolder()
const { path } = folder

const fingerprintOf = async (name: string): Promise<string> => {
  const { json } = await meshidJson(['certificate', 'inspect', path(name)])
  const [first] = (json as { certificates: readonly { readonly fingerprint: string }[] }).certificates
  if (first === undefined) throw new Error('expected a certificate, found none')
  return first.fingerprint
}

describe('meshid certificate fingerprint', () => {
  test('prints the SHA-256 of each certificate, one a line, in the order of the file', async () => {
    await createCaPair(folder)
    const [issuer, root] = [await fingerprintOf('issuer.crt'), await fingerprintOf('ca.crt')]
    const stdin = (await folder.read('issuer.crt')) + (await folder.read('ca.crt'))
    const { code, out, err } = await meshid(['certificate', 'fingerprint', '-'], { stdin })
    expect({ code, out, err }).toEqual({ code: 0, out: `${issuer}\n${root}\n`, err: '' })
    expect((await meshidJson(['certificate', 'fingerprint', '-'], { stdin })).json).toEqual({
      certificates: [
        { subject: 'CN=identity.linkerd.cluster.local', fingerprint: issuer },
        { subject: 'CN=root.linkerd.cluster.local', fingerprint: root },
      ],
      ignored: [],
    })
  })

  test('refuses what is no certificate', async () => {
    const { code, out, err } = await meshid(['certificate', 'fingerprint', '-'], { stdin: 'hello' })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^meshid: CERT_PEM_EMPTY: standard input: /)
  })
})
