import { mkdir, rename, rm } from 'node:fs/promises'
import { DEFAULT_POLL_INTERVAL_MS, MAX_POLL_INTERVAL_MS, watchMount, type MountSnapshot } from '@meshid/mounts'
import { createKubernetesVolume, createPlainMount } from '@meshid/testkit'
import { describe, expect, test, vi } from 'vitest'
import { useFolders } from './folders.ts'
import { createWatchRig, within } from './watch-rig.ts'

vi.setConfig({ testTimeout: 60_000 }) // Above every deadline of the tests, so that those speak first.

const folder = useFolders()
const pair = (generation: number | string) => ({ 'tls.crt': `cert ${generation}`, 'tls.key': `key ${generation}` })
const files = ['tls.crt', 'tls.key']

/** Accepts a pair of one generation only, as a key is compared with its certificate. */
function parsePair(snapshot: MountSnapshot): string {
  const [certificate, key] = [snapshot.text('tls.crt').slice(5), snapshot.text('tls.key').slice(4)]
  if (certificate !== key) throw new Error(`the key ${key} is not of the certificate ${certificate}`)
  return certificate
}

describe('watching a volume of the kubelet', () => {
  test('gives what is there, and then each swap by its event, without a poll', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log } = createWatchRig(volume.path, { files, parse: parsePair })
    expect(await within(watch.ready(), 'the first value')).toBe('1')
    const first = await log.next('changed')
    expect(first).toMatchObject({ previousDigest: undefined })
    await volume.update(pair(2))
    const second = await log.next('changed')
    expect(second).toMatchObject({ previousDigest: first.digest })
    expect(watch.current).toBe('2')
    expect(watch.status()).toEqual({ digest: second.digest, rejection: undefined, watching: true, closed: false })
  })

  test('delivers only whole generations through 200 rapid swaps, in order, and the last one', async () => {
    const volume = await createKubernetesVolume(folder(), pair(0))
    const { watch, log } = createWatchRig(volume.path, { files, parse: parsePair })
    const seen: number[] = []
    const reader = (async () => {
      for await (const generation of watch.updates()) {
        seen.push(Number(generation))
        if (generation === '200') return
      }
    })()
    for (let generation = 1; generation <= 200; generation += 1) await volume.update(pair(generation))
    await within(reader, 'generation 200')
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.length).toBeGreaterThan(2)
    expect(log.all.filter(({ type }) => type === 'rejected')).toEqual([])
  })

  test('follows a Secret whose names change to those of an alternative, and back', async () => {
    const volume = await createKubernetesVolume(folder(), { 'crt.pem': 'cert 1', 'key.pem': 'key 1' })
    const { watch, poll } = createWatchRig(volume.path, {
      files: ['crt.pem', 'key.pem'],
      alternatives: [files],
      parse: ({ files: found }) => [...found.keys()].join(' '),
      deaf: true,
    })
    await poll()
    expect(watch.current).toBe('crt.pem key.pem')
    await volume.update(pair(1))
    await poll()
    expect(watch.current).toBe('tls.crt tls.key')
    await volume.update({ 'crt.pem': 'cert 1', 'key.pem': 'key 1' })
    await poll()
    expect(watch.current).toBe('crt.pem key.pem')
  })

  test('a missed event only costs the poll interval', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log, poll } = createWatchRig(volume.path, { files, parse: parsePair, deaf: true })
    await log.next('changed')
    await volume.update(pair(2))
    await poll()
    expect(watch.current).toBe('2')
    await poll()
    expect(log.all.map(({ type }) => type)).toEqual(['changed', 'changed'])
  })

  test('keeps the value while a swap brings a pair that does not match, tells it, and tries again (Q17)', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log, poll } = createWatchRig(volume.path, { files, parse: parsePair })
    await log.next('changed')
    await volume.update({ ...pair(2), 'tls.key': 'key 1' })
    const rejected = await log.next('rejected')
    expect(rejected).toMatchObject({ attempt: 1, error: { message: 'the key 1 is not of the certificate 2' } })
    expect(watch.current).toBe('1')
    const before = log.all.length
    await poll()
    expect(log.all.length).toBeGreaterThan(before)
    expect(watch.status().rejection).toMatchObject({ digest: rejected.digest, error: rejected.error })
    await volume.update(pair(2))
    await log.next('changed')
    expect(watch.current).toBe('2')
    expect(watch.status().rejection).toBeUndefined()
  })

  test('says that a refused swap was taken back', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log } = createWatchRig(volume.path, { files, parse: parsePair })
    const { digest } = await log.next('changed')
    await volume.update({ ...pair(1), 'tls.key': 'half' })
    await log.next('rejected')
    await volume.update(pair(1))
    expect(await log.next('restored')).toEqual({ type: 'restored', digest })
    expect(watch.status()).toMatchObject({ digest, rejection: undefined })
  })

  test('judges a refused snapshot again on request, when what parse depends on has changed (Q16)', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    let trusted = '1'
    const { watch, log, poll } = createWatchRig(volume.path, {
      files,
      deaf: true,
      parse: (snapshot) => {
        const value = parsePair(snapshot)
        if (value !== trusted) throw new Error('not trusted yet')
        return value
      },
    })
    await log.next('changed')
    await volume.update(pair(2))
    await poll()
    await poll()
    expect(await log.next('rejected')).toMatchObject({ attempt: 1 })
    expect(await log.next('rejected')).toMatchObject({ attempt: 2 })
    trusted = '2'
    await watch.check()
    expect(watch.current).toBe('2')
  })
})

describe('watching plain files (Q19)', () => {
  test('never delivers a half-written file', async () => {
    const mount = await createPlainMount(folder(), pair('old'))
    const { watch, log } = createWatchRig(mount.path, { files, parse: parsePair })
    await log.next('changed')
    await mount.update({ 'tls.crt': 'cert new generation' })
    await log.next('rejected')
    const finish = await mount.updateTorn('tls.key', 'key new generation', 8)
    const torn = await log.next('rejected')
    expect(torn.attempt).toBeGreaterThan(1)
    expect(watch.current).toBe('old')
    await finish()
    await log.next('changed')
    expect(watch.current).toBe('new generation')
  })

  test('waits for a file that is not there yet', async () => {
    const mount = await createPlainMount(folder(), { 'tls.crt': 'cert 1' })
    const { watch, log } = createWatchRig(mount.path, { files, parse: parsePair })
    expect(await log.next('rejected')).toMatchObject({ error: { code: 'MOUNTS_FILE_MISSING' }, digest: undefined })
    const ready = watch.ready()
    await mount.update({ 'tls.key': 'key 1' })
    expect(await within(ready, 'the first value')).toBe('1')
  })
})

describe('a watcher that dies (Q18)', () => {
  test('is an event, and watching begins again at the next look', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log, poll, listeners } = createWatchRig(volume.path, { files, parse: parsePair, deaf: true })
    await log.next('changed')
    const overflow = new Error('queue overflow')
    listeners[0]?.failed(overflow)
    listeners[0]?.failed(new Error('once more'))
    expect(await log.next('watcher-failed')).toEqual({ type: 'watcher-failed', error: overflow })
    expect(watch.status().watching).toBe(false)
    await volume.update(pair(2))
    await poll()
    await log.next('watcher-restarted')
    expect(watch.current).toBe('2')
    expect(listeners).toHaveLength(2)
    await volume.update(pair(3))
    listeners[1]?.changed()
    await log.next('changed')
    await log.next('changed')
    expect(watch.current).toBe('3')
    listeners[0]?.failed(new Error('from the grave'))
    expect(log.all.filter(({ type }) => type === 'watcher-failed')).toHaveLength(1)
  })

  test('because its directory was removed and made again', async () => {
    const path = folder()
    await createKubernetesVolume(path, pair(1))
    const { watch, log, poll } = createWatchRig(path, { files, parse: parsePair })
    await log.next('changed')
    await rm(path, { recursive: true })
    expect(await log.next('watcher-failed')).toMatchObject({ error: { name: 'MountsError' } })
    await poll()
    expect(watch.current).toBe('1')
    expect(watch.status()).toMatchObject({
      watching: false,
      rejection: { error: { code: 'MOUNTS_DIRECTORY_MISSING' } },
    })
    const volume = await createKubernetesVolume(path, pair(2))
    await poll()
    await log.next('watcher-restarted')
    expect(watch.current).toBe('2')
    await volume.update(pair(3))
    await log.next('changed')
    await log.next('changed')
    expect(watch.current).toBe('3')
  })

  test('because another directory was moved into its place', async () => {
    const path = folder()
    const next = folder()
    await createKubernetesVolume(path, pair(1))
    await createKubernetesVolume(next, pair(2))
    const { watch, log, poll, listeners } = createWatchRig(path, { files, parse: parsePair, deaf: true })
    await log.next('changed')
    await rename(path, `${path}-old`)
    await rename(next, path)
    await poll()
    expect(await log.next('watcher-failed')).toMatchObject({ error: { code: 'MOUNTS_WATCH_LOST', detail: { path } } })
    await log.next('watcher-restarted')
    expect(watch.current).toBe('2')
    expect(listeners).toHaveLength(2)
  })

  test('because the directory is not there yet', async () => {
    const path = folder('later')
    const { watch, log, poll } = createWatchRig(path, { files, parse: parsePair })
    expect(await log.next('watcher-failed')).toMatchObject({ error: { code: 'MOUNTS_DIRECTORY_MISSING' } })
    await poll()
    expect(log.all.filter(({ type }) => type === 'watcher-failed')).toHaveLength(1)
    await mkdir(path)
    await createKubernetesVolume(path, pair(1))
    await poll()
    await log.next('watcher-restarted')
    expect(watch.current).toBe('1')
  })

  test('because the platform refuses to watch', async () => {
    const { path } = await createKubernetesVolume(folder(), pair(1))
    const noWatches = new Error('ENOSPC: no more watches')
    const { watch, log } = createWatchRig(path, {
      files,
      parse: parsePair,
      watchDirectory: () => {
        throw noWatches
      },
    })
    expect(await log.next('watcher-failed')).toEqual({ type: 'watcher-failed', error: noWatches })
    await log.next('changed')
    expect(watch.status()).toMatchObject({ watching: false })
    expect(watch.current).toBe('1')
  })
})

describe('the end of a watch', () => {
  test('leaves no timer, no watcher and no pending iteration', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, log, timers } = createWatchRig(volume.path, { files, parse: parsePair })
    await log.next('changed')
    expect(timers()).toBe(1)
    const iterator = watch.updates()[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ value: '1', done: false })
    const pending = iterator.next()
    await watch[Symbol.asyncDispose]()
    await watch[Symbol.asyncDispose]()
    expect(await pending).toEqual({ value: undefined, done: true })
    expect(timers()).toBe(0)
    expect(watch.status()).toMatchObject({ watching: false, closed: true })
    await volume.update(pair(2))
    await watch.check()
    expect(watch.current).toBe('1')
    await expect(watch.ready()).rejects.toMatchObject({ code: 'MOUNTS_CLOSED' })
  })

  test('does not wait for a parse that hangs, and aborts its signal', async () => {
    const { path } = await createKubernetesVolume(folder(), pair(1))
    let parsing: (signal: AbortSignal) => void
    const began = new Promise<AbortSignal>((resolve) => (parsing = resolve))
    const { watch, log } = createWatchRig<never>(path, {
      files,
      parse: (_snapshot, signal) => {
        parsing(signal)
        return new Promise<never>(() => {})
      },
    })
    const signal = await within(began, 'parse to be called')
    await within(watch[Symbol.asyncDispose](), 'the watch to end')
    expect(signal.reason).toMatchObject({ code: 'MOUNTS_CLOSED' })
    expect(log.all).toEqual([])
  })

  test('comes with the signal, whose reason ready rejects with', async () => {
    const controller = new AbortController()
    const reason = new Error('shutting down')
    const { watch, timers } = createWatchRig(folder('never'), { files, signal: controller.signal })
    const ready = expect(watch.ready()).rejects.toBe(reason)
    controller.abort(reason)
    await ready
    expect(timers()).toBe(0)
    expect(() => createWatchRig(folder(), { files, signal: controller.signal })).toThrow(reason)
  })

  test('waiting can be given up alone', async () => {
    const { watch } = createWatchRig(folder('never'), { files })
    const controller = new AbortController()
    const reason = new Error('enough')
    const ready = expect(watch.ready(controller.signal)).rejects.toBe(reason)
    controller.abort(reason)
    await ready
    await expect(watch.ready(controller.signal)).rejects.toBe(reason)
    expect(watch.status().closed).toBe(false)
  })
})

describe('a watch', () => {
  test('without parse gives snapshots', async () => {
    const { path } = await createKubernetesVolume(folder(), pair(1))
    const timers: number[] = []
    const clock = { setTimer: (delayMs: number) => () => void timers.push(delayMs) }
    await using watch = watchMount(path, { files: ['tls.crt'], clock })
    const snapshot = await within(watch.ready(), 'the first snapshot')
    expect(snapshot.text('tls.crt')).toBe('cert 1')
    await watch[Symbol.asyncDispose]()
    expect(timers).toEqual([DEFAULT_POLL_INTERVAL_MS])
  })

  test('is not broken by an observer that throws or rejects', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    let told = 0
    const observer = (): unknown => {
      told += 1
      if (told === 1) throw new Error('observer')
      return Promise.reject(new Error('observer'))
    }
    const { watch, poll } = createWatchRig(volume.path, { files, parse: parsePair, observer, deaf: true })
    await watch.ready()
    await volume.update(pair(2))
    await poll()
    expect([watch.current, told]).toEqual(['2', 2])
  })

  test('conflates to the latest for a slow reader', async () => {
    const volume = await createKubernetesVolume(folder(), pair(1))
    const { watch, poll } = createWatchRig(volume.path, { files, parse: parsePair, deaf: true })
    const iterator = watch.updates()[Symbol.asyncIterator]()
    await poll()
    for (const generation of [2, 3, 4]) {
      await volume.update(pair(generation))
      await poll()
    }
    expect(await iterator.next()).toEqual({ value: '4', done: false })
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
  })

  test.each([
    { files: [] },
    { files: ['../x'] },
    { files, alternatives: [['../x']] },
    { files, pollIntervalMs: 0 },
    { files, pollIntervalMs: MAX_POLL_INTERVAL_MS + 1 },
    { files, maxBytes: 0.5 },
  ])('refuses %j', (options) => {
    expect(() => watchMount('/x', { clock: { setTimer: () => () => {} }, ...options })).toThrow(RangeError)
  })
})
