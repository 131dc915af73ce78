import { encodeTime } from '@meshid/der'
import { type CertificateDraft, setExtension } from './certificate.ts'
import {
  type ChainDraft,
  dropKeyIdentifiers,
  type ForgeTools,
  issuerOf,
  reissue,
  rootOf,
  seconds,
  serialNumber,
} from './draft.ts'
import { authorityKeyIdentifier, basicConstraints, distinguishedName, subjectKeyIdentifier } from './extensions.ts'
import { stranger } from './good.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid } from './mutation.ts'

/** The same certificate with another serial number, and whatever else is different. */
function twin(draft: CertificateDraft, tools: ForgeTools, changes: Partial<CertificateDraft>): CertificateDraft {
  return { ...draft, serialNumber: serialNumber(tools, 16), ...changes }
}

const expiredTwin = (chain: ChainDraft, tools: ForgeTools, draft: CertificateDraft): CertificateDraft =>
  twin(draft, tools, { notBefore: seconds(chain, -7200), notAfter: seconds(chain, -3600) })

/** A CA of the same name with another key. */
function impostor(draft: CertificateDraft, tools: ForgeTools): CertificateDraft {
  const key = tools.keys.key('p256', 40)
  const made = twin(draft, tools, { key })
  setExtension(made, subjectKeyIdentifier(key.identifier))
  if (made.issuer === undefined) setExtension(made, authorityKeyIdentifier(key.identifier))
  return made
}

/** What is sent, and in what order. */
const pools: readonly ChainMutation[] = [
  refused(
    'pool: the issuer is missing',
    (chain) => {
      chain.sent = chain.sent.filter((draft) => draft !== issuerOf(chain))
    },
    1,
  ),
  accepted('pool: from the root downwards', (chain) => void (chain.sent = chain.authorities.toReversed())),
  accepted('pool: root too', (chain) => void (chain.sent = chain.authorities)),
  accepted('pool: each twice', (chain) => void (chain.sent = [...chain.authorities, ...chain.authorities])),
  accepted('pool: the leaf again', (chain) => void (chain.sent = [chain.leaf, ...chain.sent])),
  accepted('pool: a stranger first', (chain, tools) => void (chain.sent = [stranger(chain, tools), ...chain.sent])),
  refused(
    'pool: octets that are no certificate',
    (chain) => void (chain.sent = [...chain.sent, Uint8Array.of(0x30, 0)]),
    1,
  ),
  refused('pool: twelve certificates', (chain, tools) => {
    const others = Array.from({ length: 12 }, () => twin(stranger(chain, tools), tools, {}))
    chain.sent = [...chain.sent, ...others]
  }),
  accepted(
    'pool: an expired twin of the issuer first',
    (chain, tools) => {
      chain.sent = [expiredTwin(chain, tools, issuerOf(chain)), ...chain.sent]
    },
    1,
  ),
  accepted(
    'pool: an expired twin of the issuer last',
    (chain, tools) => {
      chain.sent = [...chain.sent, expiredTwin(chain, tools, issuerOf(chain))]
    },
    1,
  ),
  accepted(
    'pool: another key under the name of the issuer first',
    (chain, tools) => {
      chain.sent = [impostor(issuerOf(chain), tools), ...chain.sent]
    },
    1,
  ),
  accepted(
    'pool: another key under the name of the issuer first, no key identifiers',
    (chain, tools) => {
      const other = impostor(issuerOf(chain), tools)
      dropKeyIdentifiers(other, issuerOf(chain), chain.leaf)
      chain.sent = [other, ...chain.sent]
    },
    1,
  ),
]

/** What the bundle holds. */
const bundles: readonly ChainMutation[] = [
  refusedAsSvid('bundle: of another trust domain, with the right root (X509-28)', (chain) => {
    chain.trustDomain = 'other.test'
  }),
  refused('bundle: of the right trust domain, with another root', (chain, tools) => {
    chain.anchors = [stranger(chain, tools)]
  }),
  refused('bundle: another root of the same name', (chain, tools) => {
    chain.anchors = [impostor(rootOf(chain), tools)]
  }),
  refused('bundle: empty (X509-29)', (chain) => void (chain.anchors = [])),
  accepted('bundle: other roots too', (chain, tools) => {
    chain.anchors = [stranger(chain, tools), impostor(rootOf(chain), tools), ...chain.anchors]
  }),
  accepted(
    'bundle: the intermediate is the anchor (X509-31)',
    (chain) => {
      chain.anchors = [issuerOf(chain)]
    },
    1,
  ),
  accepted('bundle: an expired twin of the root first', (chain, tools) => {
    chain.anchors = [expiredTwin(chain, tools, rootOf(chain)), ...chain.anchors]
  }),
  accepted('bundle: a root of the same name and key with other dates', (chain, tools) => {
    chain.anchors = [twin(rootOf(chain), tools, { notAfter: encodeTime(new Date('2049-01-01T00:00:00Z')) })]
  }),
  refused('bundle: the leaf itself (X509-33)', (chain) => void (chain.anchors = [chain.leaf])),
  refused('bundle: the leaf itself, which signed itself (X509-33)', (chain) => {
    const { leaf } = chain
    leaf.issuer = undefined
    leaf.subject = distinguishedName('web')
    setExtension(leaf, authorityKeyIdentifier(leaf.key.identifier))
    chain.anchors = [leaf]
    chain.sent = []
  }),
]

/** Roots and intermediates that vouch for each other. */
const crossSigned: readonly ChainMutation[] = [
  accepted('cross-signed: the old root is not trusted, the new one is', (chain, tools) => {
    const oldRoot = stranger(chain, tools)
    const crossed = twin(rootOf(chain), tools, {})
    reissue(crossed, oldRoot)
    chain.sent = [crossed, oldRoot, ...chain.sent]
  }),
  accepted('cross-signed: the new root is not trusted, the old one is', (chain, tools) => {
    const oldRoot = stranger(chain, tools)
    const crossed = twin(rootOf(chain), tools, {})
    reissue(crossed, oldRoot)
    chain.sent = [crossed, ...chain.sent]
    chain.anchors = [oldRoot]
  }),
  accepted('cross-signed: two CAs that signed each other, and a root', circle),
  refused('cross-signed: two CAs that signed each other, and no root', (chain, tools) => {
    circle(chain, tools)
    chain.anchors = [stranger(chain, tools)]
  }),
]

/** `one` and `other` signed each other; `other` is also signed by the root, and `one` signed the leaf. */
function circle(chain: ChainDraft, tools: ForgeTools): void {
  const root = rootOf(chain)
  setExtension(root, basicConstraints({ ca: true }))
  const one = impostor({ ...stranger(chain, tools), subject: distinguishedName('one') }, tools)
  const other = twin({ ...stranger(chain, tools), subject: distinguishedName('other') }, tools, {})
  const rooted = twin(other, tools, {})
  reissue(one, other)
  reissue(other, one)
  reissue(rooted, root)
  reissue(chain.leaf, one)
  chain.authorities = [one, rooted, root]
  chain.sent = [other, one, rooted]
}

/** Self-issued by name, though not by key: it does not count for path lengths, and is not its own issuer. */
const sameName: Change = ({ authorities }) => {
  const [issuer, next] = authorities
  if (issuer !== undefined && next !== undefined) issuer.subject = next.subject
}

/** CAs where leaves should be. */
const misplaced: readonly ChainMutation[] = [
  refused('leaf is the root', (chain) => void (chain.leaf = rootOf(chain))),
  refused('leaf is the issuer', (chain) => void (chain.leaf = issuerOf(chain)), 1),
  accepted('issuer has the name of its own issuer', sameName, 1),
]

/** Changes of what is sent, what is trusted and who signed whom. */
export const pathMutations: readonly ChainMutation[] = [...pools, ...bundles, ...crossSigned, ...misplaced]
