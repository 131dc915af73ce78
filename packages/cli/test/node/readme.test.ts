import { chmod, mkdir, readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { cliErrorCodes } from '@meshid/cli'
import { describe, expect, test } from 'vitest'
import { useFolder } from '../meshid.ts'
import { mainCommand, runProcess } from './run-main.ts'

const folder = useFolder()
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

/** What `# …` lines below a command say that it prints; `…` stands for what differs from run to run. */
const promisedLines = (block: string): readonly RegExp[] =>
  [...block.matchAll(/^# (.*)$/gm)].map(([, line = '']) => {
    const literal = line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return new RegExp(`^${literal.replaceAll('…', '.+')}$`, 'm')
  })

describe('the README', () => {
  test('its commands run as they stand, one block after the other, and print what it says', async () => {
    await mkdir(folder.path('bin'))
    const quoted = mainCommand.map((word) => `'${word}'`).join(' ')
    await chmod(await folder.write('bin/meshid', `#!/bin/sh\nexec ${quoted} "$@"\n`), 0o755)
    const env = { ...process.env, PATH: `${folder.path('bin')}${delimiter}${process.env['PATH']}` }
    const all = [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)
    const blocks = all.filter((block) => !block.startsWith('npm install'))
    expect(blocks).toHaveLength(6)
    for (const block of blocks) {
      const { code, out, err } = await runProcess(['sh', '-euc', block], { cwd: folder.path('.'), env })
      expect({ code, err }).toEqual({ code: 0, err: '' })
      for (const line of promisedLines(block)) expect(out).toMatch(line)
    }
  })

  test('its table of errors is that of the code', () => {
    const text = readme.replaceAll(/ +/g, ' ')
    for (const [code, meaning] of Object.entries(cliErrorCodes)) expect(text).toContain(`| \`${code}\` | ${meaning} |`)
  })
})
