import { algorithmMutations } from './algorithms.ts'
import { type CertificateDraft, type CertificateForge, createCertificateForge } from './certificate.ts'
import { constraintMutations } from './constraints.ts'
import { dateMutations } from './dates.ts'
import type { ChainDraft } from './draft.ts'
import { encodingMutations } from './encodings.ts'
import { extraMutations } from './extras.ts'
import { draftChain } from './good.ts'
import { idMutations } from './ids.ts'
import { createForgeKeys, type ForgeKeys } from './keys.ts'
import { accepted, type ChainMutation, type ForgedVerdict } from './mutation.ts'
import { nameMutations } from './names.ts'
import { pathMutations } from './paths.ts'
import { powerMutations } from './powers.ts'
import { createTestRandom } from '../test-random.ts'

/** A chain, by what it is judged, and what it deserves. */
export interface ForgedChain {
  /** Which change was made to a good chain; `good` when there was none. */
  readonly label: string
  /** DER, leaf first, then what else is sent, in no order; anything may be wrong with it. */
  readonly chain: readonly Uint8Array[]
  /** DER of what the bundle holds. */
  readonly anchors: readonly Uint8Array[]
  /** Whose bundle it is. */
  readonly trustDomain: string
  readonly now: Date
  /** The side of TLS that the leaf is on. */
  readonly purpose: 'client' | 'server'
  /** What it deserves as a path for its purpose, whoever the leaf is. */
  readonly path: ForgedVerdict
  /** What it deserves as an X.509-SVID of the trust domain. */
  readonly svid: ForgedVerdict
}

/** Options of {@link forgeChains}. */
export interface ForgeChainsOptions {
  /** The same seed gives the same chains, but for keys and signatures. */
  readonly seed: number
  readonly count: number
  /** A whole second. */
  readonly now: Date
}

/** All changes, each of which gets its share. */
const mutations: readonly ChainMutation[] = [
  ...dateMutations,
  ...powerMutations,
  ...idMutations,
  ...algorithmMutations,
  ...encodingMutations,
  ...nameMutations,
  ...extraMutations,
  ...constraintMutations,
  ...pathMutations,
]

const good = accepted('good', () => {})

/** Every fourth chain is left as it is. */
const GOOD_EVERY = 4

/** So many chains share the same CAs, on average: whoever judges can keep them. */
const CHAINS_OF_A_CA = 25

/** Makes chains: good ones of all shapes, and good ones with one change of which the right verdict is known. */
export function forgeChains({ seed, count, now }: ForgeChainsOptions): readonly ForgedChain[] {
  const source: ChainSource = {
    seed,
    now,
    keys: createForgeKeys(),
    forge: createCertificateForge(),
    families: Math.max(8, Math.ceil(count / CHAINS_OF_A_CA)),
  }
  return Array.from({ length: count }, (_, index) => {
    const turn = Math.floor((index * (GOOD_EVERY - 1)) / GOOD_EVERY)
    const mutation = index % GOOD_EVERY === 0 ? good : (mutations[turn % mutations.length] ?? good)
    return forgeChain(source, index, mutation)
  })
}

interface ChainSource {
  readonly seed: number
  readonly now: Date
  readonly keys: ForgeKeys
  readonly forge: CertificateForge
  /** How many families of CAs there are. */
  readonly families: number
}

function forgeChain(source: ChainSource, index: number, mutation: ChainMutation): ForgedChain {
  const { label, path, svid } = mutation
  const draft = draftFor(source, index, mutation.minIntermediates)
  mutation.apply(draft, { random: createTestRandom(source.seed ^ Math.imul(index, 0x85ebca6b)), keys: source.keys })
  return Object.freeze({ label, path, svid, ...signed(draft, source.forge) })
}

/** A good chain of a family that has enough intermediates. */
function draftFor({ seed, keys, now, families }: ChainSource, index: number, minIntermediates: number): ChainDraft {
  const leaf = { random: createTestRandom(seed + index), keys }
  let family = Math.floor(leaf.random.fraction() * families)
  for (;;) {
    const authorities = { random: createTestRandom(Math.imul(seed, 0x9e3779b1) + family), keys }
    const draft = draftChain({ now, authorities, leaf })
    if (draft.authorities.length > minIntermediates) return draft
    family += 1
  }
}

function signed({ leaf, sent, anchors, trustDomain, now, purpose }: ChainDraft, forge: CertificateForge) {
  const der = (draft: CertificateDraft | Uint8Array): Uint8Array =>
    draft instanceof Uint8Array ? draft : forge.certificate(draft)
  return { chain: [leaf, ...sent].map(der), anchors: anchors.map(der), trustDomain, now, purpose }
}
