import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorld, webLinkerdName, type World } from '../world.ts'
import { csr, type Draft, goodDraft, requestOf } from './draft.ts'
import { outcomeOf } from './outcome.ts'
import { grpc, type Row } from './row.ts'
import { rows } from './rows.ts'
import { type ContractServer, type ServerWithClock, startPartsFor, startServerWithClock } from './servers.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Fault extends Row {
  readonly change: (draft: Draft) => Draft
}

/** The rows whose fault is in the request alone, and which Linkerd refuses too. */
const isFault = (row: Row): row is Fault =>
  row.place === undefined && row.change !== undefined && row.arrange === undefined && row.status !== 'OK'
const faults = rows.filter(isFault).filter(({ id, deviation }) => deviation === undefined || id === '2d')
const fixes = rows.filter(isFault).filter(({ id }) => id === '2+')

/** Both faults in one request; where they touch the same thing, the earlier row's is there. */
const both = (earlier: Fault, later: Fault): Draft => earlier.change(later.change(goodDraft))

/** Row 6 asks for another name, which row 4b then tells. */
const other = webLinkerdName.replace(/^web\./, 'voting.')
const told = (message: string): string => message.replaceAll(other, webLinkerdName)

let world: World
let server: ServerWithClock
beforeAll(async () => {
  world = await createWorld()
  server = await startServerWithClock(world)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

async function expectRow(asked: ContractServer, draft: Draft, { id, of, status, message }: Row): Promise<void> {
  const outcome = await outcomeOf(asked.certify(await requestOf(draft, world.api)))
  const expected = message instanceof RegExp ? (expect.stringMatching(message) as unknown) : message
  expect({ ...outcome, message: told(outcome.message) }, `${id} ${of}`).toEqual({
    status: status === undefined ? undefined : grpc[status],
    message: expected,
  })
}

const rowOf = (id: string): Row => {
  const row = rows.find((candidate) => candidate.id === id)
  if (row === undefined) throw new Error(`no row ${id}`)
  return row
}

describe('a request that is wrong in two ways gets the answer of the earlier row, as from Linkerd', () => {
  test('there are faults to put together', () => {
    expect(faults.length).toBeGreaterThanOrEqual(15)
    expect(fixes).toHaveLength(2)
  })

  test.each(faults.map((earlier, index) => ({ ...earlier, earlier, later: faults.slice(index + 1) })))(
    '$id $of, and every later row with it',
    async ({ earlier, later }) => {
      await server.moveClock('right')
      for (const row of later) await expectRow(server, both(earlier, row), earlier)
    },
  )

  test('without an issuer nothing else is looked at (row 1)', async () => {
    await using without = await startPartsFor('parts without an issuer', world)
    for (const fault of faults) await expectRow(without, fault.change(goodDraft), rowOf('1'))
  })

  test('an issuer that has expired comes after rows 2a to 2d and before all else, a review most of all (row 3)', async () => {
    await server.moveClock('ahead')
    const reviews = world.api.requestCount('tokenReview')
    for (const fault of faults) {
      await expectRow(server, fault.change(goodDraft), fault.id.startsWith('2') ? fault : rowOf('3'))
    }
    expect(world.api.requestCount('tokenReview')).toBe(reviews)
    await server.moveClock('right')
  })
})

describe('what Linkerd does not check is checked as early as can be', () => {
  test('the syntax of the name after row 2c, so that no stranger writes into a log (Q7); the proof of possession after row 2d (Q1)', async () => {
    const [syntax, possession] = fixes
    if (syntax === undefined || possession === undefined) throw new Error('no fixes')
    for (const id of ['2a', '2b', '2c']) {
      const row = faults.find((fault) => fault.id === id)
      if (row !== undefined) await expectRow(server, both(row, syntax), row)
    }
    for (const row of faults.filter(({ id }) => /^2d|[45]/.test(id))) await expectRow(server, both(syntax, row), syntax)
    for (const row of faults.filter(({ id }) => /^[45]/.test(id)))
      await expectRow(server, both(possession, row), possession)
  })

  test('the kind of key too, before the names and without a review (Q8)', async () => {
    const reviews = world.api.requestCount('tokenReview')
    const request = await requestOf(
      csr({ key: 'RSA', dnsNames: [webLinkerdName, 'other.example'] })(goodDraft),
      world.api,
    )
    expect(await outcomeOf(server.certify(request))).toMatchObject({
      status: grpc.InvalidArgument,
      message: expect.stringContaining('CSR_UNSUPPORTED_KEY') as unknown,
    })
    expect(world.api.requestCount('tokenReview')).toBe(reviews)
  })
})
