import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseCsr, verifyCsr } from '@meshid/csr'
import { isSameKey, parsePrivateKey } from '@meshid/keys'
import { nodeVerifier } from '@meshid/keys/node'
import { openEndEntityDirectory, parseWorkloadName, prepareKeyMaterial } from '@meshid/workload'
import { expect, test } from 'vitest'
import { useFolders } from './folders.ts'
import { web } from './world.ts'

const newFolder = useFolders()
const name = parseWorkloadName(web.toString())
const script = fileURLToPath(new URL('killed-writer.ts', import.meta.url))
const options = ['--conditions=@meshid/source', '--disable-warning=ExperimentalWarning', script]
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'meshid-compile-cache') }

async function replaceAndDie(folder: string, point: number) {
  const values = [folder, web.toString(), String(point)]
  const child = spawn(process.execPath, [...options, ...values], { stdio: ['ignore', 'pipe', 'inherit'], env })
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { isKilled: child.signalCode === 'SIGKILL', code: child.exitCode, changes: Number(said) }
}

/** `pair`, or which of the two files is missing; never two that do not belong together. */
async function stateOf(folder: string): Promise<string> {
  const { keyPath, csrPath } = await openEndEntityDirectory(folder)
  const [key, csr] = await Promise.all([keyPath, csrPath].map((path) => readFile(path).catch(() => undefined)))
  if (key === undefined) return csr === undefined ? 'nothing' : 'no key'
  const { publicKey } = parsePrivateKey(key)
  if (csr === undefined) return 'no CSR'
  return isSameKey(verifyCsr(parseCsr(csr), { verifier: nodeVerifier }).publicKey, publicKey) ? 'pair' : 'mismatch'
}

test('killed at any point of a replacement, key.p8 and csr.der never disagree, and the next start has a pair (Q39)', async () => {
  const states: string[] = []
  for (let isKilled = true; isKilled;) {
    const folder = await newFolder()
    const directory = await openEndEntityDirectory(folder)
    await prepareKeyMaterial(directory, { name })
    const end = await replaceAndDie(folder, states.length + 1)
    isKilled = end.isKilled
    const state = await stateOf(folder)
    if (isKilled) states.push(state)
    else expect([end.code, end.changes, await readdir(folder)]).toEqual([0, states.length, ['csr.der', 'key.p8']])
    const { origin } = await prepareKeyMaterial(directory, { name })
    expect(origin.kind).toBe(state === 'pair' ? 'found' : 'created')
    expect(await stateOf(folder)).toBe('pair')
  }
  // Before the old CSR goes; then until the new one is renamed into its place; then flushed.
  expect(states).toEqual(['pair', 'no CSR', 'no CSR', 'no CSR', 'no CSR', 'no CSR', 'pair'])
}, 120_000)
