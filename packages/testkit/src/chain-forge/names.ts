import {
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSet,
  encodeUtf8String,
  oids,
} from '@meshid/der'
import { type CertificateDraft, setExtension } from './certificate.ts'
import { issuerOf } from './draft.ts'
import { distinguishedName, generalName, subjectAltName } from './extensions.ts'
import { TRUST_DOMAIN } from './good.ts'
import { accepted, type Change, type ChainMutation, refused } from './mutation.ts'

const leaf =
  (change: (draft: CertificateDraft) => void): Change =>
  (chain) =>
    change(chain.leaf)

const attribute = (oid: string, value: Uint8Array): Uint8Array => encodeSequence(encodeOid(oid), value)
const commonName = attribute(oids.commonName, encodeUtf8String('web'))
const organization = attribute(oids.organizationName, encodeUtf8String('a'))
/** In the order that X.690 does not have: encodeSet would sort them. */
const unsorted = encodeElement(0x31, ...[commonName, organization].toSorted((one, other) => other.length - one.length))

/** A subject of the leaf beside a critical ID, so that only the subject is in question. */
const subject = (name: Uint8Array): Change =>
  leaf((draft) => {
    draft.subject = name
    setExtension(draft, subjectAltName([generalName('uri', `spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`)]))
  })

/** The leaf's subject. */
const subjects: readonly ChainMutation[] = [
  refused('leaf subject: an empty part', subject(encodeSequence(encodeSet()))),
  refused('leaf subject: a part that is not sorted', subject(encodeSequence(unsorted))),
  refused('leaf subject: a common name that is an OCTET STRING', subject(nameOf(encodeOctetString(text('web'))))),
  accepted('leaf subject: a part of two attributes', subject(encodeSequence(encodeSet(commonName, organization)))),
  refused('leaf subject: a PrintableString with an @', subject(nameOf(encodeElement(0x13, text('a@b'))))),
  accepted('leaf subject: an asterisk in a UTF8String', subject(distinguishedName('*'))),
  refused('leaf subject: broken UTF-8', subject(nameOf(encodeElement(0x0c, Uint8Array.of(0xff))))),
  accepted('leaf subject: a common name of 65 characters', subject(distinguishedName('a'.repeat(65)))),
  accepted('leaf subject: two common names', subject(encodeSequence(encodeSet(commonName), encodeSet(commonName)))),
]

function nameOf(value: Uint8Array): Uint8Array {
  return encodeSequence(encodeSet(attribute(oids.commonName, value)))
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

/** How the leaf names its issuer. */
const issuerNames: readonly ChainMutation[] = [
  refused(
    'leaf: issuer has another name',
    leaf((draft) => void (draft.issuerName = distinguishedName('somebody'))),
  ),
  refused(
    'leaf: issuer is empty',
    leaf((draft) => void (draft.issuerName = distinguishedName())),
  ),
  refused('issuer and leaf: the empty name', (chain) => void (issuerOf(chain).subject = distinguishedName()), 1),
  refused(
    'leaf: issuer in upper case',
    (chain) => respell(chain.leaf, issuerOf(chain), distinguishedName('ISSUER')),
    1,
  ),
  refused(
    'leaf: issuer in another type of string',
    (chain) => respell(chain.leaf, issuerOf(chain), distinguishedName('issuer', encodePrintableString)),
    1,
  ),
  refused(
    'leaf: issuer with more spaces',
    (chain) => respell(chain.leaf, issuerOf(chain), distinguishedName(' issuer ')),
    1,
  ),
]

/** Names the issuer `issuer`, and lets the child spell it in another way. */
function respell(child: CertificateDraft, issuer: CertificateDraft, spelling: Uint8Array): void {
  issuer.subject = distinguishedName('issuer')
  child.issuerName = spelling
}

/** Changes of the names of subject and issuer. */
export const nameMutations: readonly ChainMutation[] = [...subjects, ...issuerNames]
