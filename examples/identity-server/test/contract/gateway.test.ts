import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { goodDraft, requestOf } from './draft.ts'
import { outcomeOf } from './outcome.ts'
import { grpc, type Row } from './row.ts'
import { rows } from './rows.ts'
import { type ServerWithClock, startServerWithClock } from './servers.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let world: World
let server: ServerWithClock
beforeAll(async () => {
  world = await createWorld()
  server = await startServerWithClock(world, ['-token-precheck=true', '-token-cache-ttl=10s'])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** The rows that need no state of the server and no word of the API server put into its mouth. */
const plain = rows.filter(
  ({ place, arrange, status }: Row) => place === undefined && arrange === undefined && status !== undefined,
)

describe('with tokens checked before the review, and answers remembered, as by default (Q31)', () => {
  test.each(plain)(
    '$id $of: $status, the same words, no more reviews',
    async ({ change, status, message, reviews = 0 }) => {
      const before = world.api.requestCount('tokenReview')
      const request = await requestOf(change?.(goodDraft) ?? goodDraft, world.api)
      const expected = message instanceof RegExp ? (expect.stringMatching(message) as unknown) : message
      const answer = { status: status === undefined ? undefined : grpc[status], message: expected }
      expect(await outcomeOf(server.certify(request))).toEqual(answer)
      expect(await outcomeOf(server.certify(request))).toEqual(answer)
      expect(world.api.requestCount('tokenReview') - before).toBeLessThanOrEqual(reviews)
    },
  )
})
