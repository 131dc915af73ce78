import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ServerProcess, startServer } from './server-process.ts'
import { createWorld, goodRequest, web, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let world: World
let server: ServerProcess
const tokens: string[] = []

beforeAll(async () => {
  world = await createWorld()
  server = await startServer(world, ['-log-level=trace', '-enable-pprof', '-review-timeout=2s', '-poll-interval=100ms'])
  world.api.aimFaults('tokenReview')
  await everything()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (token: string): Uint8Array => new TextEncoder().encode(token)

/** A request with a token that nobody has seen yet; it is kept for the search. */
async function request() {
  const good = await goodRequest(world)
  tokens.push(text(good.token))
  return good
}

async function attempt(change: (good: Awaited<ReturnType<typeof request>>) => object = () => ({})): Promise<void> {
  const good = await request()
  await server.certify({ ...good, ...change(good) }).catch(() => {})
}

/** Every way that a token can go through the server: accepted, refused at each layer, and mistaken for something else. */
async function everything(): Promise<void> {
  await attempt()
  await attempt(({ token }) => ({ identity: text(token) }))
  await attempt(({ token }) => ({ identity: `spiffe://cluster.local/ns/${text(token)}/sa/web` }))
  await attempt(({ token }) => ({ certificateSigningRequest: token }))
  await attempt(({ token }) => ({ token: bytes(`${text(token)}\n`) }))
  await attempt(({ token }) => ({ token: bytes(text(token).slice(0, -4)) }))
  await attempt(() => ({ identity: 'spiffe://cluster.local/ns/emojivoto/sa/voting' }))
  const { api } = world
  for (const order of [
    () => api.garbleNext(1),
    () => api.truncateNext(1),
    () => api.cutNext(1),
    () => api.hangNext(1),
  ]) {
    order()
    await attempt()
  }
  await echoes()
  const expired = await world.api.createToken({ ...web, expirationSeconds: -600 })
  const foreign = await world.api.createToken({ ...web, audiences: ['vault'] })
  tokens.push(expired, foreign)
  for (const token of [expired, foreign]) await attempt(() => ({ token: bytes(token) }))
  await world.issuer.update({ 'crt.pem': tokens[0] ?? '', 'key.pem': tokens[0] ?? '' })
  await server.log.next(/^Skipping issuer update/)
  await vi.waitUntil(() => world.api.events.length >= 2, { timeout: 20_000 })
}

/** API servers that say the token back, in the places where their words are shown. */
async function echoes(): Promise<void> {
  const statusOf = (error: string) => ({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    status: { error },
  })
  for (const [status, body] of [
    [201, (token: string) => statusOf(`invalid bearer token ${token}`)],
    [403, (token: string) => ({ kind: 'Status', message: `forbidden: ${token}` })],
    [201, (token: string) => ({ ...statusOf(''), status: { authenticated: true, user: { username: token } } })],
  ] as const) {
    const good = await request()
    const answer = JSON.stringify(body(text(good.token)))
    world.api.answerNext(1, (_, response) => void response.writeHead(status).end(answer))
    await server.certify(good).catch(() => {})
  }
}

/** What of a token would be enough to use it or to know it again: itself, and its signature. */
function secrets(): readonly string[] {
  const all = [...tokens, world.api.callerToken]
  return all.flatMap((token) => [token, token.slice(token.lastIndexOf('.') + 1)])
}

describe('a token is nowhere (must-show 6), at trace level', () => {
  test.each<[string, () => Promise<string> | string]>([
    ['in standard output', () => server.log.texts.join('\n')],
    ['on standard error', () => server.errors.join('')],
    ['in the metrics', async () => (await server.get('/metrics')).body],
    ['in the readiness', async () => (await server.get('/ready')).body],
    ['in the events', () => JSON.stringify(world.api.events)],
    ['in the heap profile', async () => (await server.get('/debug/pprof/heap')).body],
    ['in the CPU profile', async () => (await server.get('/debug/pprof/profile?seconds=1')).body],
  ])('%s', async (_, read) => {
    const found = await read()
    expect(tokens.length).toBeGreaterThan(15)
    for (const secret of secrets()) {
      expect(secret.length).toBeGreaterThan(50)
      expect(found.includes(secret)).toBe(false)
    }
    expect(found).not.toMatch(/eyJ[\w-]+\.eyJ/)
  })

  test('although the log tells of every request', async () => {
    const log = () => server.log.texts.join('\n')
    await expect.poll(log).toContain('issued certificate for')
    for (const code of [
      'IDENTITY_NAME_INVALID',
      'IDENTITY_TOKEN_REJECTED',
      'IDENTITY_TOKEN_INVALID',
      'IDENTITY_REVIEW_FAILED',
      'IDENTITY_MISMATCH',
    ]) {
      await expect.poll(log).toContain(code)
    }
  })
})
