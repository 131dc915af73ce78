import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProgram } from '@meshid/cli'
import type { TestCa } from '@meshid/testkit'

/** Runs `meshid install` with the material of a test CA; a refusal throws. */
export async function installWith(
  { issuerPem, issuerKey, rootPem }: Pick<TestCa, 'issuerPem' | 'issuerKey' | 'rootPem'>,
  { now, options = [] }: { readonly now: Date; readonly options?: readonly string[] },
): Promise<{ readonly out: string; readonly err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'meshid-kubernetes-'))
  const [crt, key, anchors] = ['issuer.crt', 'issuer.key', 'ca.crt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  let out = ''
  let err = ''
  try {
    await writeFile(crt, issuerPem)
    await writeFile(key, issuerKey.toPkcs8Pem())
    await writeFile(anchors, rootPem)
    const program = createProgram({
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      now: () => now,
      env: {},
      stdin: (async function* () {})(),
    })
    const code = await program.run(['install', '--crt', crt, '--key', key, '--anchors', anchors, ...options])
    if (code !== 0) throw new Error(`meshid install ended with ${code}: ${err}`)
    return { out, err }
  } finally {
    await rm(folder, { recursive: true })
  }
}
