import { readFileSync } from 'node:fs'
import { createProgram } from '@meshid/cli'
import { describe, expect, test } from 'vitest'
import { meshid, words } from './meshid.ts'

const commands = [
  'certificate create',
  'certificate inspect',
  'certificate verify',
  'certificate explain',
  'certificate fingerprint',
  'bootstrap',
  'install',
  'id inspect',
  'key inspect',
  'csr create',
  'csr inspect',
] as const

describe('the command line', () => {
  test.each(commands)('meshid %s --help shows its options and examples, and ends with 0', async (command) => {
    const { code, out, err } = await meshid([...words(command), '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Usage: meshid ${command}`)
    expect(out).toMatch(new RegExp(`\nExamples:\n {2}\\$ [^]*meshid ${command}`))
  })

  test('meshid --help lists every command and the exit statuses', async () => {
    const { code, out } = await meshid(['--help'])
    expect(code).toBe(0)
    for (const [noun] of commands.map(words)) expect(out).toMatch(new RegExp(`^ {2}${noun} `, 'm'))
    expect(out).toContain('Exit status: 0 done, 1 refused input or failed verification, 2 wrong usage.')
  })

  test('meshid help ends with 0, as it was asked for', async () => {
    expect(await meshid(['help'])).toMatchObject({ code: 0, err: '' })
  })

  test('--version prints the version of the package', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await meshid(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
  })

  test.each([[[]], [['id']], [['certificate']]])('%j alone is wrong usage: help on stderr, exit 2', async (args) => {
    const { code, out, err } = await meshid(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Usage: meshid')
  })

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['certificate', 'crate'], "unknown command 'crate' (Did you mean create?)"],
    [['certificate', 'inspect'], "missing required argument 'file'"],
    [['certificate', 'inspect', 'a', 'b'], 'too many arguments'],
    [['certificate', 'inspect', 'a', '--jso'], "unknown option '--jso' (Did you mean --json?)"],
    [['certificate', 'verify', 'a'], "required option '--trust-anchors <file>' not specified"],
    [['certificate', 'verify', 'a', '--trust-anchors', 'b', '--purpose', 'fun'], 'Allowed choices are leaf,'],
  ])('%j is wrong usage: a coded line, a next step, exit 2', async (args, message) => {
    const { code, out, err } = await meshid(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^meshid: CLI_USAGE: /)
    expect(err).toContain(message)
    expect(err).toMatch(/\n {2}next: The command line is not understood; .*--help/)
  })

  test('a fault of the program itself is thrown, not dressed up as a refusal', async () => {
    const fault = new Error('the screen is gone')
    const program = createProgram({
      out: () => {
        throw fault
      },
      err: () => {},
      now: () => new Date(0),
      env: {},
      stdin: (async function* () {})(),
    })
    await expect(program.run(['id', 'inspect', 'spiffe://td.test/a'])).rejects.toBe(fault)
  })
})
