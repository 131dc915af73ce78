import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { batchedOutput, MAX_BATCH_CHARACTERS } from '../src/batched-output.ts'

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('lines for standard output', () => {
  test('of one turn are written at once, in their order', async () => {
    const written: string[] = []
    const write = batchedOutput((text) => void written.push(text))
    for (const line of ['a\n', 'b\n', 'c\n']) write(line)
    expect(written).toEqual([])
    await turn()
    expect(written).toEqual(['a\nb\nc\n'])
    write('d\n')
    await turn()
    expect(written).toEqual(['a\nb\nc\n', 'd\n'])
  })

  test('are not held back when they are many', async () => {
    const written: string[] = []
    const write = batchedOutput((text) => void written.push(text))
    const line = 'x'.repeat(MAX_BATCH_CHARACTERS / 4)
    for (let count = 0; count < 5; count += 1) write(line)
    expect(written).toEqual([line.repeat(4)])
    await turn()
    expect(written).toEqual([line.repeat(4), line])
  })

  test('leave no listener behind', async () => {
    const before = process.listenerCount('exit')
    const write = batchedOutput(() => undefined)
    write('a')
    expect(process.listenerCount('exit')).toBe(before + 1)
    await turn()
    expect(process.listenerCount('exit')).toBe(before)
  })

  test.each([
    ['process.exit', 'process.exit(3)', 3],
    ['an error that nobody catches', "throw new Error('x')", 1],
  ])('that are left at %s are written', (_, end, status) => {
    const logger = new URL('../src/logger.ts', import.meta.url).href
    const program = `
      const { createLogger } = await import(${JSON.stringify(logger)})
      const log = createLogger()
      log.info('first')
      log.fatal('last words')
      ${end}`
    const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
    expect(ran.status).toBe(status)
    expect(ran.stdout).toMatch(/msg=first\n.*msg="last words"\n$/)
  })
})
