import { encodeElement, encodeInteger, encodeNull, encodeOid, encodeSequence, oids } from '@meshid/der'
import { type CertificateDraft, dropExtension, setExtension } from './certificate.ts'
import { at, type ChainDraft, issuerOf, type Place, rootOf } from './draft.ts'
import {
  authorityKeyIdentifier,
  directoryName,
  extension,
  type ForgedExtension,
  subjectKeyIdentifier,
} from './extensions.ts'
import { accepted, type Change, type ChainMutation, refused } from './mutation.ts'

/** An OID that nobody knows. */
const UNKNOWN = '1.3.6.1.4.1.99999.1'

function put(place: Place, added: ForgedExtension): Change {
  return (chain) => setExtension(at(chain, place), added)
}

function again(draft: CertificateDraft, oid: string): void {
  const found = draft.extensions.find((other) => other.oid === oid)
  if (found === undefined) throw new RangeError(`expected an extension ${oid} to double`)
  draft.extensions = [...draft.extensions, found]
}

const unknown = (critical: boolean): ForgedExtension => extension(UNKNOWN, encodeNull(), critical)
const policies = (...oidsOfPolicies: readonly string[]): ForgedExtension =>
  extension(
    oids.certificatePolicies,
    encodeSequence(...oidsOfPolicies.map((oid) => encodeSequence(encodeOid(oid)))),
    true,
  )
const requirePolicy = (after: number): ForgedExtension =>
  extension(oids.policyConstraints, encodeSequence(encodeElement(0x80, Uint8Array.of(after))), true)

/** Extensions that are not known, or there twice, or too many. */
const strangers: readonly ChainMutation[] = [
  refused('leaf: unknown critical extension', put('leaf', unknown(true))),
  refused('issuer: unknown critical extension', put('issuer', unknown(true)), 1),
  refused('root: unknown critical extension', put('root', unknown(true))),
  accepted('leaf: unknown extension', put('leaf', unknown(false))),
  accepted('issuer: unknown extension', put('issuer', unknown(false)), 1),
  refused('leaf: key usage twice', ({ leaf }) => again(leaf, oids.keyUsage)),
  refused('leaf: subject alternative name twice', ({ leaf }) => again(leaf, oids.subjectAltName)),
  refused('issuer: basic constraints twice', (chain) => again(issuerOf(chain), oids.basicConstraints), 1),
  refused('leaf: unknown extension twice', ({ leaf }) => {
    setExtension(leaf, unknown(false))
    again(leaf, UNKNOWN)
  }),
  refused('leaf: 40 extensions', ({ leaf }) => {
    for (let arc = 0; arc < 36; arc++) setExtension(leaf, extension(`${UNKNOWN}.${arc}`, encodeNull()))
  }),
]

const POLICY = '1.3.6.1.4.1.99999.2'

/** Certificate policies. */
const policyMutations: readonly ChainMutation[] = [
  accepted('leaf: critical certificate policies', put('leaf', policies(POLICY))),
  accepted(
    'issuer: critical inhibit anyPolicy',
    put('issuer', extension(oids.inhibitAnyPolicy, encodeInteger(0), true)),
    1,
  ),
  refused('issuer: demands an explicit policy', put('issuer', requirePolicy(0)), 1),
]

/** AuthorityKeyIdentifier by issuer and serial number. */
const byIssuer = (draft: CertificateDraft, serialNumber: Uint8Array): ForgedExtension => {
  const name = encodeElement(0xa1, directoryName((draft.issuer ?? draft).subject))
  return extension(oids.authorityKeyIdentifier, encodeSequence(name, encodeElement(0x82, serialNumber.subarray(2))))
}

const OTHER_KEY = new Uint8Array(20).fill(7)

const drop =
  (place: Place, oid: string): Change =>
  (chain: ChainDraft) =>
    dropExtension(at(chain, place), oid)

/** Key identifiers: hints for RFC 5280, and law for some. */
const keyIdentifiers: readonly ChainMutation[] = [
  accepted('leaf: no authority key identifier', drop('leaf', oids.authorityKeyIdentifier)),
  accepted('leaf: no subject key identifier', drop('leaf', oids.subjectKeyIdentifier)),
  accepted('issuer: no authority key identifier', drop('issuer', oids.authorityKeyIdentifier), 1),
  accepted('issuer: no subject key identifier', drop('issuer', oids.subjectKeyIdentifier), 1),
  accepted('root: no authority key identifier', drop('root', oids.authorityKeyIdentifier)),
  accepted('root: no subject key identifier', drop('root', oids.subjectKeyIdentifier)),
  accepted('leaf: authority key identifier of another key', put('leaf', authorityKeyIdentifier(OTHER_KEY))),
  accepted('issuer: subject key identifier of another key', put('issuer', subjectKeyIdentifier(OTHER_KEY)), 1),
  accepted('leaf: authority key identifier by issuer and serial number', (chain) => {
    const issuer = issuerOf(chain)
    setExtension(chain.leaf, byIssuer(issuer, issuer.serialNumber))
  }),
  accepted('leaf: authority key identifier with another serial number', (chain) => {
    setExtension(chain.leaf, byIssuer(issuerOf(chain), encodeInteger(4711)))
  }),
  refused(
    'leaf: authority key identifier with a serial number alone',
    put('leaf', extension(oids.authorityKeyIdentifier, encodeSequence(encodeElement(0x82, Uint8Array.of(1))))),
  ),
  refused('leaf: authority key identifier is critical', put('leaf', authorityKeyIdentifier(OTHER_KEY, true))),
  refused('leaf: subject key identifier is critical', put('leaf', subjectKeyIdentifier(OTHER_KEY, true))),
  refused('leaf: subject key identifier is empty', put('leaf', subjectKeyIdentifier(new Uint8Array()))),
  refused('root: subject key identifier is critical', (chain) => {
    const root = rootOf(chain)
    setExtension(root, subjectKeyIdentifier(root.key.identifier, true))
  }),
]

/** Changes of extensions that say nothing of powers and names. */
export const extraMutations: readonly ChainMutation[] = [...strangers, ...policyMutations, ...keyIdentifiers]
