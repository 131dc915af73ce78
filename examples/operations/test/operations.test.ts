import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import {
  createLogger,
  formatAddress,
  parseGoDuration,
  parseListenAddress,
  type Readiness,
  startAdminServer,
} from '@meshid/example-operations'

describe('the log', () => {
  const lines = (format: string, level = 'info') => {
    const out: string[] = []
    return { out, log: createLogger({ format, level, write: (line) => out.push(line) }) }
  }

  test('plain is logfmt as logrus writes it', () => {
    const { out, log } = lines('plain')
    log.info('running version dev')
    log.warn({ path: '/tmp/a b', n: 2 }, 'skipped')
    expect(out[0]).toMatch(/^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" level=info msg="running version dev"\n$/)
    expect(out[1]).toMatch(/ level=warning msg=skipped n=2 path="\/tmp\/a b"\n$/)
  })

  test.each(['', 'plain', 'two words', '"quoted"', 'back\\slash', 'a\tb\u0007', 'größe \u2028', '","msg":"twice'])(
    'the message %j is written alike with other fields and without',
    (message) => {
      const { out, log } = lines('plain')
      log.info(message)
      log.info({ n: 1 }, message)
      const [alone = '', withField = ''] = out.map((line) => line.replace(/^time="[^"]+" /, ''))
      expect(withField).toBe(alone.replace('\n', ' n=1\n'))
    },
  )

  test.each(['a', '"'])('a message of 16 MB of %j is written whole', (character) => {
    const { out, log } = lines('plain')
    log.info(character.repeat(2 ** 24))
    expect(out.join('').length).toBeGreaterThan(2 ** 24)
  })

  test('a line break in a message stays on its line', () => {
    const { out, log } = lines('plain')
    log.info('a\nlevel=fatal msg=forged')
    expect(out.join('').trimEnd().split('\n')).toHaveLength(1)
  })

  test('json is one object a line, and the level decides what is written', () => {
    const { out, log } = lines('json', 'debug')
    log.debug('seen')
    log.trace('not seen')
    expect(out.map((line) => JSON.parse(line).msg)).toEqual(['seen'])
  })
})

describe('a token in a line', () => {
  test.each(['plain', 'json'])('is taken out, wherever it stands (%s)', (format) => {
    const lines: string[] = []
    const log = createLogger({ format, write: (line) => void lines.push(line) })
    log.info(
      { identity: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' },
      'found eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln',
    )
    expect(lines.join('')).not.toContain('eyJ')
    expect(lines.join('').match(/\[redacted\]/g)).toHaveLength(2)
  })
})

describe('durations and addresses', () => {
  test.each([
    ['24h0m0s', 86_400_000],
    ['1.5h', 5_400_000],
    ['300ms', 300],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => expect(parseGoDuration(text)).toBe(ms))

  test.each(['', '5', '-1s', '1d', '1h ', 'h'])('%j is no duration', (text) => {
    expect(() => parseGoDuration(text)).toThrow(/expected a duration/)
  })

  test('addresses with and without a host, and IPv6', () => {
    expect(parseListenAddress(':8080')).toEqual({ host: undefined, port: 8080 })
    expect(parseListenAddress('localhost.:8080')).toEqual({ host: 'localhost', port: 8080 })
    expect(formatAddress(parseListenAddress('[::1]:1'))).toBe('[::1]:1')
    expect(() => parseListenAddress('8080')).toThrow(/expected an address/)
    expect(() => parseListenAddress(':70000')).toThrow(/expected an address/)
  })
})

describe('the admin server', () => {
  test('says what it waits for, then that it is ready', async () => {
    const since = new Date('2026-01-01T00:00:00Z')
    let state: Readiness = { ready: false, notes: [{ code: 'X', reason: 'waiting', since, nextAttemptAt: since }] }
    const admin = await startAdminServer({
      address: { host: '127.0.0.1', port: 0 },
      readiness: () => state,
      metrics: new Registry(),
    })
    const get = (path: string, headers = {}) => fetch(`http://127.0.0.1:${admin.port}${path}`, { headers })
    try {
      const waiting = await get('/ready')
      expect(waiting.status).toBe(503)
      expect(await waiting.text()).toBe(
        'not ready\nX: waiting, since 2026-01-01T00:00:00.000Z, next attempt 2026-01-01T00:00:00.000Z\n',
      )
      expect(await (await get('/ready', { accept: 'application/json' })).json()).toMatchObject({ ready: false })
      state = { ready: true, notes: [] }
      expect(await (await get('/ready')).text()).toBe('ok\n')
      expect(await (await get('/ping')).text()).toBe('pong\n')
      expect(await (await get('/live')).text()).toBe('live\n')
      expect((await get('/metrics')).headers.get('content-type')).toContain('text/plain')
      expect((await get('/other')).status).toBe(404)
      for (const path of ['/debug/pprof/profile', '/debug/pprof/heap']) expect((await get(path)).status).toBe(404)
    } finally {
      await admin.close()
    }
  })

  test('serves V8 profiles when it is told to, one CPU profile at a time', async () => {
    const admin = await startAdminServer({
      address: { host: '127.0.0.1', port: 0 },
      readiness: () => ({ ready: true, notes: [] }),
      metrics: new Registry(),
      profiling: true,
    })
    const get = (path: string) => fetch(`http://127.0.0.1:${admin.port}/debug/pprof/${path}`)
    try {
      const first = get('profile?seconds=1')
      const [one, two] = await Promise.all([first, get('profile?seconds=1')])
      expect(new Set([one.status, two.status])).toEqual(new Set([200, 409]))
      const profile = (await (one.status === 200 ? one : two).json()) as object
      expect(Object.keys(profile)).toEqual(expect.arrayContaining(['nodes', 'startTime', 'endTime', 'samples']))
      const heap = (await (await get('heap')).json()) as object
      expect(Object.keys(heap)).toEqual(expect.arrayContaining(['head', 'samples']))
      for (const seconds of ['0', '301', 'x', '-1']) expect((await get(`profile?seconds=${seconds}`)).status).toBe(400)
    } finally {
      await admin.close()
    }
  })
})
