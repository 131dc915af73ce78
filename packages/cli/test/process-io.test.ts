import { PassThrough, Readable } from 'node:stream'
import { createProcessIo, type HostProcess } from '@meshid/cli'
import { describe, expect, test } from 'vitest'

function createHost() {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const stderr = new PassThrough({ encoding: 'utf8' })
  const parts = { stdin: Readable.from([Buffer.from('in')]), stdout, stderr, env: { A: 'b' } }
  return { stdout, stderr, io: createProcessIo(parts as unknown as HostProcess) }
}

describe('the world of a process', () => {
  test('is its streams, its environment and its clock', async () => {
    const { stdout, stderr, io } = createHost()
    io.out('answer\n')
    io.err('note\n')
    expect([stdout.read(), stderr.read()]).toEqual(['answer\n', 'note\n'])
    expect(io.env['A']).toBe('b')
    const chunks: string[] = []
    for await (const chunk of io.stdin) chunks.push(String(chunk))
    expect(chunks).toEqual(['in'])
    const before = Date.now()
    expect(io.now().getTime()).toBeGreaterThanOrEqual(before)
  })

  test('a reader that closes its end early is no fault; any other failure of a stream is', () => {
    const { stdout } = createHost()
    expect(stdout.emit('error', Object.assign(new Error('closed'), { code: 'EPIPE' }))).toBe(true)
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
    expect(() => stdout.emit('error', full)).toThrow(full)
  })
})
