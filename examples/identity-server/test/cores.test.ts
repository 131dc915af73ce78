import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { chooseCrypto } from '../src/cores/choose-crypto.ts'
import { countCores } from '../src/cores/count-cores.ts'
import { cpuQuota } from '../src/cores/cpu-quota.ts'
import { parseFlags } from '../src/flags.ts'
import { startServer } from './server-process.ts'
import { createWorld, goodRequest, type World } from './world.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const filesOf = (files: Readonly<Record<string, string>>) => (path: string) => files[path]

describe('cpuQuota', () => {
  test.each<{ of: string; files: Readonly<Record<string, string>>; expected: number | undefined }>([
    { of: 'no control groups', files: {}, expected: undefined },
    {
      of: 'no limit',
      files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' },
      expected: undefined,
    },
    {
      of: 'a pod of 2',
      files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '200000 100000\n' },
      expected: 2,
    },
    {
      of: 'the least of all groups above',
      files: {
        '/proc/self/cgroup': '0::/kubepods.slice/pod1/container\n',
        '/sys/fs/cgroup/cpu.max': 'max 100000\n',
        '/sys/fs/cgroup/kubepods.slice/cpu.max': '800000 100000\n',
        '/sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '75000 50000\n',
        '/sys/fs/cgroup/kubepods.slice/pod1/container/cpu.max': 'max 100000\n',
      },
      expected: 1.5,
    },
    {
      of: 'a path of another namespace, and the root of this one',
      files: { '/proc/self/cgroup': '0::/../../other\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' },
      expected: 0.5,
    },
    {
      of: 'version 1',
      files: {
        '/proc/self/cgroup': '7:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n0::/docker/a\n',
        '/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us': '300000\n',
        '/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us': '100000\n',
      },
      expected: 3,
    },
    {
      of: 'version 1 as a container sees it',
      files: {
        '/proc/self/cgroup': '4:cpu,cpuacct:/kubepods/pod1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      expected: 1.5,
    },
    {
      of: 'version 1 without a limit',
      files: {
        '/proc/self/cgroup': '4:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      expected: undefined,
    },
    {
      of: 'nonsense',
      files: { '/proc/self/cgroup': 'x\n0::\n0::/\n', '/sys/fs/cgroup/cpu.max': 'many cores\n' },
      expected: undefined,
    },
  ])('of $of', ({ files, expected }) => {
    expect(cpuQuota(filesOf(files))).toBe(expected)
  })
})

describe('countCores', () => {
  const limited = (max: string) => filesOf({ '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': max })
  test.each([
    { max: 'max 100000', cores: 8, reason: 'as many as it may run on' },
    { max: '900000 100000', cores: 8, reason: 'as many as it may run on' },
    { max: '250000 100000', cores: 2, reason: 'its CPU limit is 2.5' },
    { max: '10000 100000', cores: 1, reason: 'its CPU limit is 0.1' },
  ])('of 8 under $max', ({ max, cores, reason }) => {
    expect(countCores({ parallelism: 8, readText: limited(max) })).toEqual({ cores, reason })
  })

  test('of this machine', () => {
    const { cores } = countCores()
    expect(cores).toBeGreaterThanOrEqual(1)
    expect(cores).toBeLessThanOrEqual(availableParallelism())
  })
})

describe('chooseCrypto', () => {
  const count = () => ({ cores: 2, reason: 'its CPU limit is 2' })
  const of = (cores: number | 'auto') => {
    const { text, verifier } = chooseCrypto({ cores, count, onLost: () => undefined })
    return { text, isAsync: 'verifyAsync' in verifier }
  }

  test('takes the event loop for one core, and a thread for each further one, two at most', () => {
    expect(of(1)).toEqual({ text: 'Verifying on the event loop (1 core, --cores says so)', isAsync: false })
    expect(of('auto')).toEqual({
      text: 'Verifying in 1 thread beside the event loop (2 cores, its CPU limit is 2)',
      isAsync: true,
    })
    expect(of(3)).toEqual({
      text: 'Verifying in 2 threads beside the event loop (3 cores, --cores says so)',
      isAsync: true,
    })
    expect(of(16)).toEqual({
      text: 'Verifying in 2 threads beside the event loop (16 cores, --cores says so; more replicas, not more cores, serve more than 3 do)',
      isAsync: true,
    })
  })

  test.each(['0', '-1', '1.5', 'many', '1025', ''])('--cores %j is refused', (text) => {
    expect(parseFlags([`--cores=${text}`])).toMatchObject({ kind: 'exit', code: 2 })
  })
})

describe('a server', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world[Symbol.asyncDispose]())

  test.each([
    { cores: '1', said: /^Verifying on the event loop \(1 core, --cores says so\)$/ },
    { cores: '2', said: /^Verifying in 1 thread beside the event loop \(2 cores, --cores says so\)$/ },
    { cores: 'auto', said: /^Verifying / },
  ])('with --cores $cores says so, certifies, and refuses what is not proven', async ({ cores, said }) => {
    await using server = await startServer(world, [`--cores=${cores}`])
    await server.log.next(said)
    const request = await goodRequest(world)
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.certify(request)))
    expect(answers.every(({ leafCertificate }) => leafCertificate.length > 300)).toBe(true)
    const csr = Uint8Array.from(request.certificateSigningRequest)
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1
    await expect(server.certify({ ...request, certificateSigningRequest: csr })).rejects.toMatchObject({
      code: 'RPC_INVALID_ARGUMENT',
    })
  })
})
