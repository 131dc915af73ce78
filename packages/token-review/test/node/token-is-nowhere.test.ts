import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { runChild } from './child.ts'
import { startTestCluster } from './cluster.ts'
import { startGateway } from './gateway.ts'

const web = { namespace: 'emojivoto', name: 'web' }

/** Everything that a log could write of a value: getters, symbols, causes and stacks included. */
const everything = (value: unknown): string =>
  inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null })

/** Long pieces of a token; not its header, which is no secret and the same for all. */
const piecesOf = (token: string): readonly string[] =>
  token
    .split('.')
    .slice(1)
    .flatMap((part) => [part.slice(0, 24), part.slice(-24)])

describe('a token (must not be anywhere)', { timeout: 60_000 }, () => {
  it('is in no error, no event and no report, whatever the API server does', async () => {
    await using cluster = await startTestCluster()
    const { api, transport, reports } = cluster
    const gateway = await startGateway(transport)
    const good = await api.createToken({ ...web, podName: 'web-1' })
    const foreign = await api.createToken({ ...web, audiences: ['other'] })
    const old = await api.createToken({ ...web, expirationSeconds: -600 })
    const gone = await api.createToken({ ...web, podName: 'web-1' })
    const errors: unknown[] = []
    const review = async (token: string): Promise<void> => {
      await gateway.reviewer.review(token).catch((error: unknown) => errors.push(error))
      gateway.memory.clear()
    }

    await review(good)
    const faults: readonly (() => void)[] = [
      () => api.garbleNext(1),
      () => api.truncateNext(1),
      () => api.cutNext(1),
      () => api.failNext(1, { status: 500 }),
      () => api.failNext(1, { status: 429 }),
      () => api.answerNext(1, (_, response) => response.end(`{"kind":"TokenReview","spec":{"token":"${good}"`)),
      () => api.answerNext(1, (_, response) => response.writeHead(400).end(good)),
      () => api.answerNext(1, (_, response) => response.end(echo({ error: `no: ${good} ${good.slice(0, 300)}` }))),
      () => api.answerNext(1, (_, response) => response.end(echo({ authenticated: true, user: { username: good } }))),
    ]
    for (const fault of faults) {
      fault()
      await review(good)
    }
    api.deletePod({ namespace: 'emojivoto', name: 'web-1' })
    for (const token of [foreign, old, gone, `${good}A`, good.slice(0, -20)]) await review(token)
    await api.goDown()
    await review(good)

    expect(errors).toHaveLength(faults.length + 6)
    const told = everything([errors, gateway.events, reports, gateway])
    expect(told).toContain('TOKEN_REVIEW_')
    for (const token of [good, foreign, old, gone, api.callerToken]) {
      for (const piece of piecesOf(token)) expect(told).not.toContain(piece)
    }
  })

  it('is not in the heap, once the caller has let go of it, though its answer is remembered', async () => {
    await using cluster = await startTestCluster()
    const { api, caFile, tokenFile } = cluster
    const directory = await mkdtemp(join(tmpdir(), 'meshid-'))
    const subjectFile = join(directory, 'token')
    await writeFile(subjectFile, await api.createToken({ ...web, podName: 'web-1' }))
    const where = [api.host, String(api.port), caFile, tokenFile, subjectFile]
    const printed = await runChild('remembered-token.ts', ...where)
    await rm(directory, { recursive: true })
    const { outcomes, size, found, findsWhatIsKept, events } = JSON.parse(printed) as Readonly<Record<string, unknown>>
    expect(outcomes).toEqual(['accepted', 'accepted', expect.stringContaining('the signature is not by the key')])
    expect(events).toMatchObject([
      { type: 'keys-refreshed' },
      { type: 'pre-check-verified' },
      { type: 'reviewed', account: { podName: 'web-1', nodeName: 'node-1' } },
      { type: 'remembered-positive' },
      { type: 'pre-check-refused', reason: 'signature' },
    ])
    expect({ size, found, findsWhatIsKept }).toEqual({ size: 2, found: [], findsWhatIsKept: true })
  })
})

/** An accepting or refusing answer that repeats the token, as the API server's does. */
function echo(status: object): string {
  return JSON.stringify({ kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', status })
}
