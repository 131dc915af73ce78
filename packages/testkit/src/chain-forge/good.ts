import { encodeExplicit, encodeInteger, encodeTime } from '@meshid/der'
import { type CertificateDraft, setExtension } from './certificate.ts'
import { type ChainDraft, type ForgeTools, happens, pick, seconds, serialNumber } from './draft.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  type ForgedExtension,
  generalName,
  keyUsage,
  nameConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts'
import type { ForgeKey, ForgeKeyKind } from './keys.ts'

/** The trust domain of good chains. */
export const TRUST_DOMAIN = 'td.test'

/** The kinds of keys by how usual they are. */
const kinds: readonly ForgeKeyKind[] = ['p256', 'p256', 'p256', 'p256', 'p256', 'p384', 'ed25519', 'rsa2048']

/** How many keys there are of each kind; the certificates of one chain have different ones. */
const KEYS_OF_A_KIND = 8

const DAY_S = 86_400

/** What a CA has of what it may have. */
interface AuthorityPlan {
  readonly commonName: string
  readonly issuer: CertificateDraft | undefined
  readonly key: ForgeKey
  /** How many intermediates are below. */
  readonly below: number
  readonly now: Date
}

/** What {@link draftChain} takes. */
export interface GoodChainOptions {
  readonly now: Date
  /** Where the CAs come from; the same random values give the same CAs, so that chains can share them. */
  readonly authorities: ForgeTools
  /** Where the leaf comes from. */
  readonly leaf: ForgeTools
}

/**
 * A leaf, 0 to 3 intermediates and a root, with whatever good certificates have: path lengths, extended key usages, name
 * constraints, names of other kinds, CAs with SPIFFE IDs, pools in any order.
 */
export function draftChain({ now, authorities: tools, leaf }: GoodChainOptions): ChainDraft {
  const authorities = draftAuthorities(tools, now)
  const root = authorities.at(-1) as CertificateDraft
  const sent = authorities.filter((draft) => draft !== root || happens(tools, 0.2))
  if (happens(tools, 0.3)) sent.reverse()
  if (happens(tools, 0.15)) sent.unshift(stranger({ now }, tools))
  const purpose = pick(tools, ['client', 'server'] as const)
  const made = draftLeaf(authorities[0] as CertificateDraft, now, leaf)
  return { leaf: made, authorities, sent, anchors: [root], trustDomain: TRUST_DOMAIN, now, purpose }
}

function draftAuthorities(tools: ForgeTools, now: Date): CertificateDraft[] {
  const authorities: CertificateDraft[] = []
  const count = pick(tools, [0, 1, 1, 2, 3])
  const first = Math.floor(tools.random.fraction() * KEYS_OF_A_KIND)
  for (let below = count; below >= 0; below--) {
    const key = tools.keys.key(pick(tools, kinds), (first + below) % KEYS_OF_A_KIND)
    const commonName = below === count ? 'root' : `intermediate ${below}`
    authorities.unshift(draftAuthority({ commonName, issuer: authorities[0], key, below, now }, tools))
  }
  return authorities
}

/** A CA that has nothing to do with the chain. */
export function stranger({ now }: Pick<ChainDraft, 'now'>, tools: ForgeTools): CertificateDraft {
  const key = tools.keys.key('p256', KEYS_OF_A_KIND + 1)
  const made = draftAuthority({ commonName: 'stranger', issuer: undefined, key, below: 0, now }, tools)
  setExtension(made, basicConstraints({ ca: true }))
  return made
}

function draftAuthority(plan: AuthorityPlan, tools: ForgeTools): CertificateDraft {
  const { commonName, issuer, key } = plan
  const isLate = issuer === undefined && happens(tools, 0.2)
  const age = DAY_S * (10 + Math.floor(tools.random.fraction() * 300))
  return {
    issuer,
    key,
    version: encodeExplicit(0, encodeInteger(2)),
    serialNumber: serialNumber(tools, 1 + Math.floor(tools.random.fraction() * 20)),
    subject: distinguishedName(commonName),
    notBefore: seconds(plan, -age),
    notAfter: isLate ? encodeTime(new Date('2051-01-01T00:00:00Z')) : seconds(plan, age),
    extensions: authorityExtensions(plan, tools),
  }
}

function authorityExtensions({ issuer, key, below }: AuthorityPlan, tools: ForgeTools): readonly ForgedExtension[] {
  const pathLength = pick(tools, [undefined, below, below + 2])
  const purposes = pick(tools, [[], [], [], ['serverAuth', 'clientAuth'] as const])
  return [
    basicConstraints({ ca: true, pathLength }),
    keyUsage(['keyCertSign', 'crlSign']),
    ...(purposes.length === 0 ? [] : [extendedKeyUsage(purposes)]),
    ...(happens(tools, 0.3) ? [subjectAltName([generalName('uri', `spiffe://${TRUST_DOMAIN}`)], false)] : []),
    ...(happens(tools, 0.2) ? [goodConstraints(tools)] : []),
    subjectKeyIdentifier(key.identifier),
    authorityKeyIdentifier((issuer?.key ?? key).identifier),
  ]
}

/** Constraints that every name of a good chain keeps. */
function goodConstraints(tools: ForgeTools): ForgedExtension {
  const uri = generalName('uri', TRUST_DOMAIN)
  const dns = generalName('dns', TRUST_DOMAIN)
  return nameConstraints(
    pick(tools, [
      { permitted: [uri] },
      { permitted: [uri, dns], critical: false },
      { permitted: [generalName('uri', 'other.test'), uri] },
      { excluded: [generalName('uri', 'other.test'), generalName('dns', 'other.test')] },
    ]),
  )
}

function draftLeaf(issuer: CertificateDraft, now: Date, tools: ForgeTools): CertificateDraft {
  const key = tools.keys.key(pick(tools, kinds), KEYS_OF_A_KIND)
  const hasName = happens(tools, 0.3)
  const age = 60 + Math.floor(tools.random.fraction() * DAY_S)
  return {
    issuer,
    key,
    version: encodeExplicit(0, encodeInteger(2)),
    serialNumber: serialNumber(tools, 1 + Math.floor(tools.random.fraction() * 20)),
    subject: distinguishedName(hasName ? 'web' : undefined),
    notBefore: seconds({ now }, -age),
    notAfter: seconds({ now }, age),
    extensions: [
      ...pick(tools, [[basicConstraints({ ca: false })], []]),
      keyUsage(['digitalSignature', ...pick(tools, [[], ['keyEncipherment'], ['keyAgreement']] as const)]),
      ...pick(tools, [
        [],
        [extendedKeyUsage(['serverAuth', 'clientAuth'])],
        [extendedKeyUsage(['clientAuth', 'serverAuth'], true)],
      ]),
      subjectAltName(leafNames(tools), !hasName || happens(tools, 0.5)),
      subjectKeyIdentifier(key.identifier),
      authorityKeyIdentifier(issuer.key.identifier),
    ],
  }
}

function leafNames(tools: ForgeTools): readonly Uint8Array[] {
  const others = [
    generalName('dns', `web.${TRUST_DOMAIN}`),
    generalName('ip', Uint8Array.of(10, 0, 0, 1)),
    generalName('email', `web@${TRUST_DOMAIN}`),
  ]
  const namespace = pick(tools, ['shop', 'kube-system', 'a_b', '...'])
  const id = generalName('uri', `spiffe://${TRUST_DOMAIN}/ns/${namespace}/sa/web`)
  return happens(tools, 0.4) ? [pick(tools, others), id] : [id]
}
