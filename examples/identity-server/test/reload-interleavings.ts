import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createTestCa, createTestRandom, type TestCa, type VolumeFiles } from '@meshid/testkit'
import { expect } from 'vitest'
import {
  createMount,
  createReloadRig,
  type Mount,
  nextFolder,
  type Pair,
  type ReloadRig,
  type Tally,
} from './reload-rig.ts'

/** How many numbers of steps there are to choose from, from 1. */
const MOST_STEPS = 5

/** How many interleavings go on at once, each with directories of its own: the disk waits for none of them. */
const LANES = 8

const now = new Date('2026-11-21T12:00:00Z')

/** Two roots, and three issuers below each. */
interface Material {
  readonly cas: Readonly<Record<'a' | 'b', TestCa>>
  readonly pairs: readonly Pair[]
}

async function createMaterial(): Promise<Material> {
  const cas = { a: await createTestCa({ now }), b: await createTestCa({ now }) }
  const pairs: Pair[] = []
  for (const name of ['a', 'b'] as const) {
    for (let index = 0; index < 3; index += 1) {
      const { pem, key } = await cas[name].anotherIssuer(`${name}${index}`)
      pairs.push({ name: `${name}${index}`, root: name, certificate: pem, key: key.toPkcs8Pem() })
    }
  }
  return { cas, pairs }
}

/** Runs the interleavings of these seeds; the first that breaks a promise ends them, by its number. */
export async function runInterleavings(
  { from, to }: { readonly from: number; readonly to: number },
  tally: Tally,
): Promise<void> {
  const material = await createMaterial()
  const root = await mkdtemp(join(tmpdir(), 'meshid-reload-'))
  const seeds = Array.from({ length: to - from + 1 }, (_, index) => from + index).values()
  const lane = async (): Promise<void> => {
    for (const seed of seeds) {
      await new Interleaving(seed, material, tally).run(await nextFolder(root, seed)).catch((cause: unknown) => {
        throw new Error(`interleaving ${seed}: ${String(cause)}`, { cause })
      })
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: LANES }, lane))
  await rm(root, { recursive: true, force: true })
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

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
  /** Events come when they like, so they have numbers of their own: the steps of a seed are always the same. */
  readonly #luck: () => number
  readonly #material: Material
  readonly #tally: Tally
  readonly #disk: Disk = { pair: undefined, bundle: 'a', torn: undefined }
  #lossRate = 0

  constructor(seed: number, material: Material, tally: Tally) {
    this.#material = material
    this.#random = createTestRandom(seed).fraction
    this.#luck = createTestRandom(~seed).fraction
    this.#tally = tally
  }

  async run(folder: string): Promise<void> {
    const kind = this.#pick(['kubelet', 'plain'] as const)
    const { pairs } = this.#material
    const first = pairs[0] ?? failed('no pairs')
    const issuer = await createMount(join(folder, 'issuer'), filesOf(first), kind)
    const trustRoots = await createMount(join(folder, 'trust-roots'), this.#bundleFiles('a'), kind)
    this.#disk.pair = first
    this.#lossRate = this.#pick([0.2, 0.8, 1])
    const drops = (): boolean => this.#luck() < this.#lossRate
    await using rig = await createReloadRig({ folder, issuer, trustRoots, drops, tally: this.#tally, now })
    const steps = 1 + Math.floor(this.#random() * MOST_STEPS)
    for (let count = 0; count < steps; count += 1) await this.#step({ rig, issuer, trustRoots })
    await this.#finish({ rig, issuer, trustRoots })
  }

  /** One thing happens. Between two of them the platform's events have no turn, one, or a few. */
  async #step(world: World): Promise<void> {
    const goodPair = (): Promise<void> => this.#goodPair(world)
    const bundle = (): Promise<void> => this.#bundle(world)
    const others = [() => this.#badPair(world), () => this.#tear(world), () => this.#poll(world)]
    await this.#pick([goodPair, goodPair, bundle, bundle, ...others])()
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns -= 1) await turn()
  }

  async #goodPair({ issuer }: World): Promise<void> {
    const pair = this.#pick(this.#material.pairs)
    await this.#settle()
    await issuer.update(filesOf(pair, this.#pick(['linkerd.io/tls', 'kubernetes.io/tls'] as const)))
    this.#disk.pair = pair
    this.#tally.add('good pairs written')
  }

  async #badPair({ issuer }: World): Promise<void> {
    const [one, other] = [this.#pick(this.#material.pairs), this.#pick(this.#material.pairs)]
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
    const pair = this.#pick(this.#material.pairs)
    await issuer.update(filesOf(pair))
    this.#disk.torn = { pair, finish: await issuer.tear('key.pem', pair.key) }
    this.#disk.pair = undefined
    this.#tally.add('files torn')
  }

  async #bundle({ trustRoots }: World): Promise<void> {
    const bundle = this.#pick(['a', 'b', 'ab', 'broken'] as const)
    if (bundle === 'broken') await trustRoots.update({ 'ca-bundle.crt': this.#material.cas.a.rootPem.slice(0, 200) })
    else await trustRoots.update(this.#bundleFiles(bundle))
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
    const { pairs } = this.#material
    const known = pairs[0] ?? failed('no pairs')
    await issuer.update(filesOf(known))
    await trustRoots.update(this.#bundleFiles('a'))
    await rig.pollUntil(known.name)
    const last = pairs.find(({ root: above, name }) => above === 'b' && name !== rig.live()) ?? failed('no pair')
    await issuer.update(filesOf(last))
    await rig.poll()
    expect(rig.live()).not.toBe(last.name)
    await trustRoots.update(this.#bundleFiles('ab'))
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

  #bundleFiles(bundle: Bundle): VolumeFiles {
    const { a, b } = this.#material.cas
    return { 'ca-bundle.crt': (bundle.includes('a') ? a.rootPem : '') + (bundle.includes('b') ? b.rootPem : '') }
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

function failed(what: string): never {
  throw new Error(what)
}
