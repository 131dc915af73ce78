import { encodeInteger, encodeTime, oids } from '@meshid/der'
import { type CertificateDraft, dropExtension, setExtension } from './certificate.ts'
import { authorityKeyIdentifier, subjectKeyIdentifier } from './extensions.ts'
import type { ForgeKey, ForgeKeys } from './keys.ts'
import type { TestRandom } from '../test-random.ts'

/** A chain before it is signed, and what it is judged by. */
export interface ChainDraft {
  leaf: CertificateDraft
  /** From the leaf's issuer to the root. */
  authorities: CertificateDraft[]
  /** What the peer sends after the leaf; octets are sent as they are. */
  sent: (CertificateDraft | Uint8Array)[]
  /** What the bundle holds. */
  anchors: CertificateDraft[]
  /** Whose bundle it is. */
  trustDomain: string
  readonly now: Date
  purpose: 'client' | 'server'
}

/** What forging takes beside the draft. */
export interface ForgeTools {
  readonly random: TestRandom
  readonly keys: ForgeKeys
}

export function pick<Value>({ random }: Pick<ForgeTools, 'random'>, values: readonly Value[]): Value {
  return values[Math.floor(random.fraction() * values.length)] as Value
}

/** Whether it happens, this time, what happens with this probability. */
export function happens({ random }: Pick<ForgeTools, 'random'>, probability: number): boolean {
  return random.fraction() < probability
}

/** The CA that signed the leaf. */
export function issuerOf({ authorities }: ChainDraft): CertificateDraft {
  return authorities[0] as CertificateDraft
}

export function rootOf({ authorities }: ChainDraft): CertificateDraft {
  return authorities.at(-1) as CertificateDraft
}

/** The name of a certificate's place in the chain. */
export type Place = 'leaf' | 'issuer' | 'root'

/** The certificate of a place; the issuer is an intermediate when the chain has one. */
export function at(chain: ChainDraft, place: Place): CertificateDraft {
  if (place === 'leaf') return chain.leaf
  return place === 'issuer' ? issuerOf(chain) : rootOf(chain)
}

const SECOND_MS = 1000

/** A time some seconds from now, as X.509 writes it. */
export function seconds({ now }: Pick<ChainDraft, 'now'>, count: number): Uint8Array {
  return encodeTime(new Date(now.getTime() + count * SECOND_MS))
}

/** Gives a certificate another key, and those that it signed the identifier of it. */
export function rekey(chain: ChainDraft, draft: CertificateDraft, key: ForgeKey): void {
  draft.key = key
  setExtension(draft, subjectKeyIdentifier(key.identifier))
  for (const child of [chain.leaf, ...chain.authorities]) {
    if (child.issuer === draft) setExtension(child, authorityKeyIdentifier(key.identifier))
  }
}

/** Removes what says which key is which, so that only names and signatures are left. */
export function dropKeyIdentifiers(...drafts: readonly CertificateDraft[]): void {
  for (const draft of drafts) {
    dropExtension(draft, oids.subjectKeyIdentifier)
    dropExtension(draft, oids.authorityKeyIdentifier)
  }
}

/** Makes everything that a CA signed say that another one did, by its name and key identifier. */
export function reissue(child: CertificateDraft, issuer: CertificateDraft): void {
  child.issuer = issuer
  setExtension(child, authorityKeyIdentifier(issuer.key.identifier))
}

/** A serial number of some octets, positive. */
export function serialNumber({ random }: Pick<ForgeTools, 'random'>, octets: number): Uint8Array {
  const bytes = random.bytes(octets)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 1
  return encodeInteger(bytes)
}
