import { createHash } from 'node:crypto'
import { createRememberingReviewer, type TokenReviewer } from '@meshid/token-review'
import { nodeTokenHash } from '@meshid/token-review/node'
import { serviceAccount } from '@meshid/spiffe-id'
import { describe, expect, test } from 'vitest'

const web = serviceAccount('emojivoto', 'web')
const account = { serviceAccount: web, username: web.username, groups: [], audiences: ['identity.l5d.io'], extra: {} }

describe('nodeTokenHash', () => {
  test('is SHA-256 in base64, at once', () => {
    expect(nodeTokenHash('a.b.c')).toBe(createHash('sha256').update('a.b.c').digest('base64'))
  })

  test('lets a layer recall in the same turn in which it is asked, without a thread of the pool', async () => {
    let asked = 0
    const inner: TokenReviewer = { review: () => Promise.resolve((asked++, account as never)) }
    const memory = createRememberingReviewer(inner, { clock: { now: () => new Date(0) }, hash: nodeTokenHash })
    await memory.review('a.b.c')
    let answered = false
    void memory.review('a.b.c').then(() => (answered = true))
    // Microtasks only: what a thread does comes back in a later turn.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    expect({ answered, asked }).toEqual({ answered: true, asked: 1 })
    await memory.forget('a.b.c')
    await memory.review('a.b.c')
    expect(asked).toBe(2)
  })
})
