import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { environmentOf, flagsFor, run } from '../server-process.ts'
import { createWorld, type World } from '../world.ts'
import { goodDraft, requestOf } from './draft.ts'
import { outcomeOf } from './outcome.ts'
import { type ExpectedEvent, grpc, type Row } from './row.ts'
import { rows, summary } from './rows.ts'
import { type ContractServer, isOfParts, type ServerWithClock, startPartsFor, startServerWithClock } from './servers.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const EVENT_DEADLINE_MS = 15_000

/** What the rows were asked with. */
const tokens: string[] = []

let world: World
let server: ServerWithClock
beforeAll(async () => {
  world = await createWorld()
  world.api.aimFaults('tokenReview')
  server = await startServerWithClock(world)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
  console.info(summary)
})

/** Whoever answers this row, ready to be asked. */
async function serverOf(row: Row): Promise<ContractServer> {
  const { place = 'server' } = row
  if (isOfParts(place)) {
    const parts = await startPartsFor(place, world)
    onTestFinished(() => parts[Symbol.asyncDispose]())
    if (place === 'parts with a full queue') await parts.certify(await requestOf(goodDraft, world.api))
    return parts
  }
  if (place === 'server with Unknown after the issuer') {
    const unknown = await startServerWithClock(world, ['--issuer-invalid-status=unknown'])
    onTestFinished(() => unknown[Symbol.asyncDispose]())
    await unknown.moveClock('ahead')
    return unknown
  }
  await server.moveClock(place === 'server after the issuer' ? 'ahead' : 'right')
  return server
}

/** The words as they are where they are fixed, or the pattern that they must match. */
const words = (message: string | RegExp = ''): unknown =>
  typeof message === 'string' ? message : expect.stringMatching(message)

function expectEvent({ message, ...event }: ExpectedEvent, from: number): Promise<void> {
  const expected = { ...event, message: expect.stringMatching(message) as unknown }
  const look = () => expect(world.api.events.slice(from)).toContainEqual(expect.objectContaining(involving(expected)))
  return vi.waitFor(look, { timeout: EVENT_DEADLINE_MS, interval: 20 })
}

const involving = <Event extends { readonly involvedObject: object }>({ involvedObject, ...event }: Event) => ({
  ...event,
  involvedObject: expect.objectContaining(involvedObject) as unknown,
  source: { component: 'linkerd-identity' },
})

async function startsNot({ log }: Row): Promise<void> {
  await using forbidden = await createWorld()
  forbidden.api.answerNext(1, (_, response) => {
    const answer = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: {} }
    const status = { allowed: false, reason: 'no RBAC policy matched' }
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ ...answer, status }))
  })
  const { code, stdout } = await run([...flagsFor(forbidden), '-profile=linkerd'], environmentOf(forbidden))
  const { level, msg } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}')
  expect({ code, level, msg }).toEqual({ code: 1, level: log?.level, msg: words(log?.msg) })
}

const titled = rows.map((row) => ({
  ...row,
  answer: row.status === undefined ? 'the server ends' : `${row.status} (${grpc[row.status]})`,
  same: row.deviation === undefined ? 'as Linkerd' : `deviation: ${row.deviation.because}`,
}))

describe('sections 4 and 5 of Linkerd, over the wire', () => {
  test.each(titled)('$id $of: $answer, $same', async (row) => {
    if (row.status === undefined) return startsNot(row)
    const asked = await serverOf(row)
    const from = asked.log.length
    const events = world.api.events.length
    const undo = await row.arrange?.(world)
    if (undo !== undefined) onTestFinished(undo)
    const reviews = world.api.requestCount('tokenReview')

    const request = await requestOf(row.change?.(goodDraft) ?? goodDraft, world.api)
    tokens.push(new TextDecoder().decode(request.token))
    expect(await outcomeOf(asked.certify(request))).toEqual({
      status: grpc[row.status],
      message: words(row.message),
      ...(row.retryAfter === true ? { retryAfterMs: expect.toSatisfy((ms) => Number(ms) > 0) as unknown } : {}),
    })

    expect(world.api.requestCount('tokenReview') - reviews).toBe(row.reviews ?? 0)
    if (row.log !== undefined) {
      expect(await asked.log.next(row.log.msg, { from })).toMatchObject({ level: row.log.level })
    }
    if (row.event !== undefined) await expectEvent(row.event, events)
  })

  test('none of the tokens is in the log, the events or the metrics (must-show 6)', async () => {
    const { body } = await server.process.get('/metrics')
    const said = [...server.log.texts, ...world.api.events.map((event) => JSON.stringify(event)), body]
    const long = tokens.filter((token) => token.length > 100)
    expect(long.length).toBeGreaterThan(30)
    expect(said.length).toBeGreaterThan(50)
    for (const token of long) expect(said.filter((text) => text.includes(token.slice(-40)))).toEqual([])
  })

  test('the log has one line for each certificate, with its fingerprint (Q32)', async () => {
    const { leafCertificate } = await server.certify(await requestOf(goodDraft, world.api))
    const fingerprint = createHash('sha256').update(leafCertificate).digest('hex')
    const line = await server.log.next(new RegExp(`^issued certificate for .*: ${fingerprint}$`))
    expect(line).toMatchObject({ level: 'info' })
    expect(server.log.texts.filter((text) => text.includes(fingerprint))).toHaveLength(1)
  })

  test('every refusal is counted by its code (Q33)', async () => {
    const { body } = await server.process.get('/metrics')
    const counted = [...body.matchAll(/^identity_requests_refused_total\{code="(\w+)"\} [1-9]/gm)].map(
      ([, code]) => code,
    )
    const codes = ['MISSING_CSR', 'CSR_UNPROVEN', 'ISSUER_INVALID', 'CSR_MISMATCH', 'TOKEN_REJECTED', 'MISMATCH']
    expect(counted).toEqual(expect.arrayContaining(codes.map((code) => `IDENTITY_${code}`)))
  })

  test('every row of the two tables is here', () => {
    const ids = new Set(rows.map(({ id }) => id))
    const sections = ['1', '2a', '2b', '2c', '2d', '3', "3'", '4a', '4b', '4c', '4d', '4e', '4f', '5a', '5b', '5c']
    const more = ['5.1', '5.2.1', '5.2.2', '5.2.4', '5.2.5', '5.2.6', '6', '7', "7'", '8']
    expect([...sections, ...more].filter((id) => !ids.has(id))).toEqual([])
    expect(rows.filter(({ of }) => of.includes('pinned by service_test.go')).map(({ id }) => id)).toEqual(
      sections.slice(0, 5),
    )
  })

  test("7' a bad answer of the issuer ends nothing: the next request is served", async () => {
    await using parts = await startPartsFor('parts with an issuer without bytes', world)
    expect(await outcomeOf(parts.certify(await requestOf(goodDraft, world.api)))).toMatchObject({ status: 13 })
    parts.holder.replace(world.ca.issuer, new Date())
    expect(await outcomeOf(parts.certify(await requestOf(goodDraft, world.api)))).toMatchObject({ status: 0 })
  })
})
