import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createTestCa, createTestRandom, type TestCa, type VolumeFiles } from '@meshid/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createMount, createReloadRig, type Mount, nextFolder, type Pair, type ReloadRig, Tally } from './reload-rig.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 })

const INTERLEAVINGS = 1000
const MOST_STEPS = 8
const now = new Date('2026-11-21T12:00:00Z')

let root: string
let cas: Record<'a' | 'b', TestCa>
let pairs: readonly Pair[]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshid-reload-'))
  cas = { a: await createTestCa({ now }), b: await createTestCa({ now }) }
  const made: Pair[] = []
  for (const name of ['a', 'b'] as const) {
    for (let index = 0; index < 3; index += 1) {
      const { pem, key } = await cas[name].anotherIssuer(`${name}${index}`)
      made.push({ name: `${name}${index}`, root: name, certificate: pem, key: key.toPkcs8Pem() })
    }
  }
  pairs = made
})
afterAll(() => rm(root, { recursive: true }))

/** Which roots the bundle on disk has; nobody knows of one that is broken. */
type Bundle = 'a' | 'b' | 'ab'

/** What lies on the disk now. */
interface Disk {
  pair: Pair | undefined
  bundle: Bundle | undefined
  /** Files that a writer has left half-done. */
  torn: { readonly pair: Pair; readonly finish: () => Promise<void> } | undefined
}

class Interleaving {
  readonly #random: () => number
  readonly #tally: Tally
  readonly #disk: Disk = { pair: undefined, bundle: 'a', torn: undefined }
  #lossRate = 0

  constructor(seed: number, tally: Tally) {
    this.#random = createTestRandom(seed).fraction
    this.#tally = tally
  }

  async run(folder: string): Promise<void> {
    const kind = this.#pick(['kubelet', 'plain'] as const)
    const first = pairs[0] ?? failed('no pairs')
    const issuer = await createMount(join(folder, 'issuer'), filesOf(first), kind)
    const trustRoots = await createMount(join(folder, 'trust-roots'), bundleFiles('a'), kind)
    this.#disk.pair = first
    this.#lossRate = this.#pick([0, 0.5, 1])
    const drops = (): boolean => this.#random() < this.#lossRate
    await using rig = await createReloadRig({ folder, issuer, trustRoots, drops, tally: this.#tally, now })
    const steps = 1 + Math.floor(this.#random() * MOST_STEPS)
    for (let count = 0; count < steps; count += 1) await this.#step({ rig, issuer, trustRoots })
    await this.#finish({ rig, issuer, trustRoots })
  }

  /** One thing happens. Between two of them the platform's events have no turn, one, or a few. */
  async #step(world: World): Promise<void> {
    const steps = [this.#goodPair, this.#goodPair, this.#badPair, this.#tear, this.#bundle, this.#bundle, this.#poll]
    await this.#pick(steps).call(this, world)
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns -= 1) await turn()
  }

  async #goodPair({ issuer }: World): Promise<void> {
    const pair = this.#pick(pairs)
    await this.#settle()
    await issuer.update(filesOf(pair, this.#pick(['linkerd.io/tls', 'kubernetes.io/tls'] as const)))
    this.#disk.pair = pair
    this.#tally.add('good pairs written')
  }

  async #badPair({ issuer }: World): Promise<void> {
    const [one, other] = [this.#pick(pairs), this.#pick(pairs)]
    const half = (text: string): string => text.slice(0, text.length / 2)
    const bad: readonly VolumeFiles[] = [
      { 'crt.pem': one.certificate, 'key.pem': half(one.key) },
      { 'crt.pem': half(one.certificate), 'key.pem': one.key },
      { 'crt.pem': one.certificate, 'key.pem': '' },
      { 'crt.pem': one.certificate },
      { 'key.pem': one.key },
      ...(one === other ? [] : [{ 'crt.pem': one.certificate, 'key.pem': other.key }]),
    ]
    await this.#settle()
    await issuer.update(this.#pick(bad))
    this.#disk.pair = undefined
    this.#tally.add('bad pairs written')
  }

  /** A writer stops in the middle of a file; it goes on when the next one begins. */
  async #tear({ issuer }: World): Promise<void> {
    if (issuer.tear === undefined) return
    await this.#settle()
    const pair = this.#pick(pairs)
    await issuer.update(filesOf(pair))
    this.#disk.torn = { pair, finish: await issuer.tear('key.pem', pair.key) }
    this.#disk.pair = undefined
    this.#tally.add('files torn')
  }

  async #bundle({ trustRoots }: World): Promise<void> {
    const bundle = this.#pick(['a', 'b', 'ab', 'broken'] as const)
    if (bundle === 'broken') await trustRoots.update({ 'ca-bundle.crt': cas.a.rootPem.slice(0, 200) })
    else await trustRoots.update(bundleFiles(bundle))
    this.#disk.bundle = bundle === 'broken' ? undefined : bundle
    this.#tally.add('bundles written')
  }

  /** What is good at the time of a poll is in use after it. */
  async #poll({ rig }: World): Promise<void> {
    const { pair, bundle } = this.#disk
    this.#tally.add('polls')
    if (pair === undefined || bundle === undefined || !bundle.includes(pair.root)) return rig.poll()
    await rig.pollUntil(pair.name)
    this.#tally.add('polls after which the pair on disk was live')
  }

  /** The end of each: an issuer below a root that comes later, with no event at all. */
  async #finish({ rig, issuer, trustRoots }: World): Promise<void> {
    this.#lossRate = 1
    await this.#settle()
    await trustRoots.update(bundleFiles('a'))
    await rig.pollUntil(this.#disk.pair?.root === 'a' ? this.#disk.pair.name : (rig.live() ?? ''))
    const last = pairs.find(({ root: above, name }) => above === 'b' && name !== rig.live()) ?? failed('no pair')
    await issuer.update(filesOf(last))
    await rig.poll()
    expect(rig.live()).not.toBe(last.name)
    await trustRoots.update(bundleFiles('ab'))
    await rig.pollUntil(last.name)
    this.#tally.add('new issuers that waited for their bundle')
  }

  async #settle(): Promise<void> {
    const { torn } = this.#disk
    if (torn === undefined) return
    await torn.finish()
    this.#disk.pair = torn.pair
    this.#disk.torn = undefined
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] ?? failed('nothing to pick from')
  }
}

interface World {
  readonly rig: ReloadRig
  readonly issuer: Mount
  readonly trustRoots: Mount
}

function filesOf({ certificate, key }: Pair, scheme = 'linkerd.io/tls'): VolumeFiles {
  return scheme === 'linkerd.io/tls'
    ? { 'crt.pem': certificate, 'key.pem': key }
    : { 'tls.crt': certificate, 'tls.key': key }
}

function bundleFiles(bundle: Bundle): VolumeFiles {
  const names = ['a', 'b'] as const
  return { 'ca-bundle.crt': names.map((name) => (bundle.includes(name) ? cas[name].rootPem : '')).join('') }
}

function failed(what: string): never {
  throw new Error(what)
}

describe('reloads of issuer and trust anchors (Q16, Q17, Q18, Q19)', () => {
  test(`${INTERLEAVINGS} interleavings of writes, swaps, torn files and lost events`, async () => {
    const tally = new Tally()
    const begin = performance.now()
    for (let seed = 1; seed <= INTERLEAVINGS; seed += 1) {
      const folder = await nextFolder(root, seed)
      await new Interleaving(seed, tally).run(folder).catch((cause: unknown) => {
        throw new Error(`interleaving ${seed}: ${String(cause)}`, { cause })
      })
      await rm(folder, { recursive: true })
    }
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`${INTERLEAVINGS} interleavings in ${seconds} s: ${tally.toString()}`)
    expect(tally.counts.get('new issuers that waited for their bundle')).toBe(INTERLEAVINGS)
    for (const what of ['files torn', 'events dropped', 'events delivered', 'issuer refused', 'bundles written']) {
      expect(tally.counts.get(what)).toBeGreaterThan(100)
    }
  })
})
