import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleRoot, parseObjects } from './manifests.ts'
import { faultsOf } from './model.ts'

const projectRoot = join(exampleRoot, '../..')
const page = readFileSync(join(projectRoot, 'docs/kubernetes.md'), 'utf8')
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)

const note = `printf '%s\\n' "$(basename "$0") $*" >>"$NOTES/commands"\n`
const realKubectl = spawnSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).stdout.trim()

/** In place of a cluster: notes what it is told, keeps what is piped to it, and leaves to the real one what needs no cluster. */
const kubectl = `${note}case " $* " in
*' --dry-run=client '*) [ -z "$REAL_KUBECTL" ] || exec "$REAL_KUBECTL" "$@" ;;
*' -f - '*) cat >"$NOTES/$(ls "$NOTES" | wc -l).yaml" ;;
*' -k '*) for last; do :; done; [ -f "$last/kustomization.yaml" ] ;;
esac
`

let folder = ''
const path = (name: string): string => join(folder, name)
let commands: readonly string[] = []
let outcome = { code: null as number | null, stderr: '' }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'meshid-docs-'))
  for (const name of ['bin', 'notes', 'work']) mkdirSync(path(name))
  const stand = { kubectl, k3d: note, docker: note, curl: note, sleep: note }
  for (const [name, script] of Object.entries(stand)) {
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${script}`)
    chmodSync(path(`bin/${name}`), 0o755)
  }
  const tools = [path('bin'), join(projectRoot, 'docs/bin'), dirname(process.execPath), process.env['PATH']]
  const env = { PATH: tools.join(delimiter), NOTES: path('notes'), REAL_KUBECTL: realKubectl, clone: projectRoot }
  const child = spawn('bash', ['-euo', 'pipefail'], { cwd: path('work'), env, stdio: ['pipe', 'ignore', 'pipe'] })
  child.stdin.end(blocks.join('\n'))
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  outcome = { code: child.exitCode, stderr }
  commands = readFileSync(path('notes/commands'), 'utf8').trimEnd().split('\n')
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('docs/kubernetes.md', () => {
  test('runs to its end, each meshid line for real, with no warning', () => {
    expect(blocks.length).toBeGreaterThan(10)
    expect(outcome).toEqual({ code: 0, stderr: '' })
    expect(existsSync(path('work/issuer-3.crt'))).toBe(true)
  })

  test('has every meshid line in a block that this test runs', () => {
    const outside = page.replaceAll(/^```sh\n[\s\S]*?^```$/gm, '').match(/^\s*meshid .*$/gm)
    expect(outside).toBeNull()
    expect(blocks.join('').match(/^meshid install /gm)).toHaveLength(5)
  })

  test('pipes only objects to kubectl that the published types know', () => {
    const piped = readdirSync(path('notes')).filter((name) => name.endsWith('.yaml'))
    const streams = piped.map((name) => parseObjects(readFileSync(path(`notes/${name}`), 'utf8')))
    expect(streams.filter((objects) => objects.length === 12)).toHaveLength(5)
    const objects = streams.flat().filter((object) => object !== null)
    expect(objects.flatMap(faultsOf)).toEqual([])
  })

  test('builds and imports the images that the manifests name, and ends with nothing left', () => {
    expect(commands.filter((line) => line.startsWith('docker build '))).toHaveLength(2)
    expect(commands).toContain('k3d image import --cluster mesh meshid/identity-server:0.1.0 meshid/proxy-client:0.1.0')
    expect(commands.at(-1)).toBe('k3d cluster delete mesh')
  })
})
