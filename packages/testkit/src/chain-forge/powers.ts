import { encodeBoolean, encodeElement, encodeInteger, encodeSequence, oids } from '@meshid/der'
import { type CertificateDraft, dropExtension, setExtension } from './certificate.ts'
import { at, type ChainDraft, issuerOf, type Place, reissue, rootOf } from './draft.ts'
import {
  basicConstraints,
  extendedKeyUsage,
  extension,
  type ForgedExtension,
  type ForgedPurpose,
  type ForgedUsage,
  keyUsage,
} from './extensions.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid, withSubject } from './mutation.ts'

/** Puts an extension on a place. */
function put(place: Place, added: ForgedExtension): Change {
  return (chain) => setExtension(at(chain, place), added)
}

function drop(place: Place, oid: string): Change {
  return (chain) => dropExtension(at(chain, place), oid)
}

const rawConstraints = (...parts: readonly Uint8Array[]): ForgedExtension =>
  extension(oids.basicConstraints, encodeSequence(...parts), true)

/** Basic constraints and what they say about CAs. */
const basicConstraintsMutations: readonly ChainMutation[] = [
  accepted('leaf: no basic constraints', drop('leaf', oids.basicConstraints)),
  accepted('leaf: basic constraints are not critical', put('leaf', basicConstraints({ ca: false, critical: false }))),
  refused('leaf: is a CA', withSubject(put('leaf', basicConstraints({ ca: true })))),
  refused('leaf: has a path length and is no CA', put('leaf', basicConstraints({ ca: false, pathLength: 0 }))),
  refused('leaf: cA FALSE is written out', put('leaf', rawConstraints(Uint8Array.of(1, 1, 0)))),
  refused('issuer: cA TRUE is 0x01', put('issuer', rawConstraints(Uint8Array.of(1, 1, 1))), 1),
  refused('issuer: no basic constraints', drop('issuer', oids.basicConstraints), 1),
  refused('issuer: is no CA', put('issuer', basicConstraints({ ca: false })), 1),
  accepted(
    'issuer: basic constraints are not critical',
    put('issuer', basicConstraints({ ca: true, critical: false })),
    1,
  ),
  refused('root: no basic constraints', drop('root', oids.basicConstraints)),
  refused('root: is no CA', put('root', basicConstraints({ ca: false }))),
  refused(
    'issuer: an element after the path length',
    put('issuer', rawConstraints(encodeBoolean(true), encodeInteger(9), encodeInteger(9))),
    1,
  ),
]

/** Path lengths, and the self-issued CAs that they do not count. */
const pathLengthMutations: readonly ChainMutation[] = [
  refused(
    'root: path length is one too short',
    (chain) => {
      setExtension(rootOf(chain), basicConstraints({ ca: true, pathLength: chain.authorities.length - 2 }))
    },
    1,
  ),
  accepted('root: path length is exhausted', (chain) => {
    setExtension(rootOf(chain), basicConstraints({ ca: true, pathLength: chain.authorities.length - 1 }))
  }),
  refused(
    'second intermediate: path length is one too short',
    ({ authorities }) => {
      setExtension(authorities[1] as CertificateDraft, basicConstraints({ ca: true, pathLength: 0 }))
    },
    2,
  ),
  refused('issuer: path length is negative', put('issuer', basicConstraints({ ca: true, pathLength: -1 })), 1),
  accepted('root: path length is 1000', put('root', basicConstraints({ ca: true, pathLength: 1000 }))),
  refused('root: path length has 9 octets', put('root', basicConstraints({ ca: true, pathLength: 1n << 64n }))),
  accepted('root: path length is exhausted, but for a self-issued CA', (chain, { keys }) => {
    const root = rootOf(chain)
    setExtension(root, basicConstraints({ ca: true, pathLength: chain.authorities.length - 1 }))
    const rollover = { ...root, issuer: root, key: keys.key('p256', 20), serialNumber: encodeInteger(77) }
    adopt(chain, rollover)
  }),
]

/** Puts a CA between the root and whatever the root signed, under the root's name. */
function adopt(chain: ChainDraft, rollover: CertificateDraft): void {
  const root = rootOf(chain)
  const { identifier } = rollover.key
  setExtension(rollover, extension(oids.subjectKeyIdentifier, encodeElement(4, identifier)))
  setExtension(
    rollover,
    extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x80, root.key.identifier))),
  )
  reissue(chain.authorities.at(-2) ?? chain.leaf, rollover)
  chain.authorities.splice(-1, 0, rollover)
  chain.sent = [...chain.sent, rollover]
}

const usages = (place: Place, list: readonly ForgedUsage[], critical = true): Change =>
  put(place, keyUsage(list, critical))
const rawUsage = (...content: readonly number[]): ForgedExtension =>
  extension(oids.keyUsage, encodeElement(3, Uint8Array.from(content)), true)

/** Key usages. */
const keyUsageMutations: readonly ChainMutation[] = [
  refusedAsSvid('leaf: no key usage', drop('leaf', oids.keyUsage)),
  refused('leaf: key usage without digitalSignature', usages('leaf', ['keyAgreement'])),
  refused('leaf: key usage keyCertSign', usages('leaf', ['digitalSignature', 'keyCertSign'])),
  refusedAsSvid('leaf: key usage cRLSign', withSubject(usages('leaf', ['digitalSignature', 'crlSign']))),
  accepted('leaf: key usage is not critical', usages('leaf', ['digitalSignature'], false)),
  refused('leaf: key usage has no bits', put('leaf', rawUsage(7, 0))),
  refused('leaf: key usage is an empty BIT STRING', put('leaf', rawUsage(0))),
  refused('leaf: key usage has trailing zero bits', put('leaf', rawUsage(0, 0x80))),
  refused('leaf: key usage has unused bits that are set', put('leaf', rawUsage(7, 0x81))),
  refused('issuer: no key usage', drop('issuer', oids.keyUsage), 1),
  refused('issuer: key usage without keyCertSign', usages('issuer', ['crlSign', 'digitalSignature']), 1),
  accepted('issuer: key usage is not critical', usages('issuer', ['keyCertSign'], false), 1),
  accepted('issuer: key usage digitalSignature too', usages('issuer', ['keyCertSign', 'digitalSignature']), 1),
  accepted('root: no key usage', drop('root', oids.keyUsage)),
  refused('root: key usage without keyCertSign', usages('root', ['crlSign'])),
]

const purposes = (place: Place, ...list: readonly ForgedPurpose[]): Change => put(place, extendedKeyUsage(list))
const own = (chain: ChainDraft): ForgedPurpose => (chain.purpose === 'client' ? 'clientAuth' : 'serverAuth')
const other = (chain: ChainDraft): ForgedPurpose => (chain.purpose === 'client' ? 'serverAuth' : 'clientAuth')
const only =
  (place: Place, purposeOf: (chain: ChainDraft) => ForgedPurpose): Change =>
  (chain) =>
    setExtension(at(chain, place), extendedKeyUsage([purposeOf(chain)]))

/** Extended key usages, on leaves and nested on CAs. */
const extendedKeyUsageMutations: readonly ChainMutation[] = [
  accepted('leaf: no extended key usage', drop('leaf', oids.extendedKeyUsage)),
  accepted('leaf: extended key usage of this side only', only('leaf', own)),
  refused('leaf: extended key usage of the other side only', only('leaf', other)),
  accepted('leaf: any extended key usage', purposes('leaf', 'anyExtendedKeyUsage')),
  refused('leaf: extended key usage codeSigning', purposes('leaf', 'codeSigning')),
  refused('leaf: extended key usage is empty', purposes('leaf')),
  refused('issuer: extended key usage of the other side only', only('issuer', other), 1),
  accepted('issuer: extended key usage of this side only', only('issuer', own), 1),
  accepted('issuer: any extended key usage', purposes('issuer', 'anyExtendedKeyUsage'), 1),
  refused('root: extended key usage of the other side only', only('root', other)),
  refused('root: extended key usage codeSigning', purposes('root', 'codeSigning')),
]

/** Changes of what certificates may be used for. */
export const powerMutations: readonly ChainMutation[] = [
  ...basicConstraintsMutations,
  ...pathLengthMutations,
  ...keyUsageMutations,
  ...extendedKeyUsageMutations,
  refused('leaf: issued by another leaf', (chain) => {
    const { leaf } = chain
    const between: CertificateDraft = { ...leaf, subject: issuerOf(chain).subject }
    const below: CertificateDraft = { ...leaf, issuer: between }
    setExtension(
      below,
      extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x80, leaf.key.identifier))),
    )
    chain.leaf = below
    chain.sent = [between, ...chain.sent]
  }),
]
