import { openssl } from '@meshid/testkit'
import { describe, expect, it } from 'vitest'

describe('openssl', () => {
  it('gives bytes, for what it reads from its input', async () => {
    const { stdout, code } = await openssl(['dgst', '-sha256', '-binary'], { input: 'abc' })
    expect(code).toBe(0)
    expect(stdout.toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('tells a refusal by its exit status and its words, not by an error', async () => {
    const { stderr, code } = await openssl(['x509', '-noout'], { input: Uint8Array.of(0x30, 0x00) })
    expect(code).not.toBe(0)
    expect(stderr).toContain('certificate')
  })
})
