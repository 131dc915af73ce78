import { describe, expect, test } from 'vitest'
import { createCaPair, createRootArguments, useFolder } from '../meshid.ts'
import { mainCommand, runMain, runProcess } from './run-main.ts'

const folder = useFolder()
const { path } = folder

describe('the meshid command as a process', () => {
  test('creates, inspects and verifies a CA pair with the exit statuses that it promises', async () => {
    const root = await runMain(createRootArguments(folder))
    expect(root).toMatchObject({ code: 0, err: '' })
    const inspected = await runMain(['certificate', 'inspect', '-', '--json'], await folder.read('ca.crt'))
    expect(inspected.code).toBe(0)
    expect(JSON.parse(inspected.out)).toMatchObject({
      certificates: [{ subject: 'CN=root.linkerd.cluster.local', validity: 'valid' }],
    })
    const refused = await runMain(['certificate', 'verify', path('ca.crt'), '--trust-anchors', path('ca.crt')])
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('meshid: CERT_LEAF_IS_CA: ') })
    const wrong = await runMain(['certificate', 'verify', path('ca.crt')])
    expect(wrong).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^meshid: CLI_USAGE: /) })
  })

  test('a refusal is two or three lines, never a stack trace', async () => {
    const { err } = await runMain(['key', 'inspect', '-'], 'no key')
    expect(err.split('\n').length).toBeLessThanOrEqual(4)
    expect(err).not.toMatch(/^ +at /m)
  })

  test('a reader that leaves early is no fault: … | head -1', async () => {
    await createCaPair(folder)
    const bundle = await folder.write('bundle.pem', (await folder.read('ca.crt')).repeat(400))
    const script = '"$@" 2>err.txt | head -1; cat err.txt >&2'
    const { out, err } = await runProcess(
      ['sh', '-c', script, 'sh', ...mainCommand, 'certificate', 'inspect', bundle],
      { cwd: path('.') },
    )
    expect({ out, err }).toEqual({ out: '[1 of 400]\n', err: '' })
  })

  test('reads a named pipe, as shells give for <(…)', async () => {
    await createCaPair(folder)
    const script = 'mkfifo root.pipe && { cat ca.crt >root.pipe & } && "$@"'
    const { code, out } = await runProcess(
      ['sh', '-c', script, 'sh', ...mainCommand, 'certificate', 'inspect', 'root.pipe'],
      { cwd: path('.') },
    )
    expect(code).toBe(0)
    expect(out).toContain('CN=root.linkerd.cluster.local')
  })
})
