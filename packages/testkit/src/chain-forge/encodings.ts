import {
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '@meshid/der'
import type { CertificateDraft, Tampering } from './certificate.ts'
import { issuerOf, rootOf, serialNumber } from './draft.ts'
import { accepted, type Change, type ChainMutation, refused, refusedAsSvid, withSubject } from './mutation.ts'

const leaf =
  (change: (draft: CertificateDraft) => void): Change =>
  (chain) =>
    change(chain.leaf)

const bytes = (...parts: readonly (number | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))

/** The content of a SEQUENCE with a length of two octets, as all certificates are. */
const contentOf = (element: Uint8Array): Uint8Array => element.subarray(4)

const indefinite: Tampering = (element) => bytes(0x30, 0x80, contentOf(element), 0, 0)
const longLength: Tampering = (element) => bytes(0x30, 0x83, 0, element.subarray(2))

/** Serial numbers as whole elements. */
const serials: readonly ChainMutation[] = [
  refused(
    'leaf: serial number 0',
    leaf((draft) => void (draft.serialNumber = encodeInteger(0))),
  ),
  refused(
    'leaf: serial number -1',
    leaf((draft) => void (draft.serialNumber = encodeInteger(-1))),
  ),
  refused('leaf: serial number of 21 octets', ({ leaf: draft }, tools) => {
    draft.serialNumber = serialNumber(tools, 21)
  }),
  accepted('leaf: serial number of 20 octets', ({ leaf: draft }, tools) => {
    draft.serialNumber = serialNumber(tools, 20)
  }),
  refused(
    'leaf: serial number is padded',
    leaf((draft) => void (draft.serialNumber = bytes(2, 2, 0, 7))),
  ),
  refused(
    'leaf: serial number is empty',
    leaf((draft) => void (draft.serialNumber = bytes(2, 0))),
  ),
  refused('issuer: serial number 0', (chain) => void (issuerOf(chain).serialNumber = encodeInteger(0)), 1),
  accepted('root: serial number 0', (chain) => void (rootOf(chain).serialNumber = encodeInteger(0))),
  refused('root: serial number -1', (chain) => void (rootOf(chain).serialNumber = encodeInteger(-1))),
]

const version = (number: number): Uint8Array => encodeExplicit(0, encodeInteger(number))

/** Versions, and what only some of them have. */
const versions: readonly ChainMutation[] = [
  refused(
    'leaf: version 1',
    withSubject(leaf((draft) => void Object.assign(draft, { version: new Uint8Array(), extensions: [] }))),
  ),
  refused(
    'leaf: version 1 with extensions',
    leaf((draft) => void (draft.version = new Uint8Array())),
  ),
  refused(
    'leaf: version 1 is written out',
    leaf((draft) => void (draft.version = version(0))),
  ),
  refused(
    'leaf: version 2 with extensions',
    leaf((draft) => void (draft.version = version(1))),
  ),
  refused(
    'leaf: version 4',
    leaf((draft) => void (draft.version = version(3))),
  ),
  refused(
    'leaf: has an issuer unique ID',
    leaf((draft) => void (draft.uniqueIdentifiers = bytes(0x81, 2, 0, 1))),
  ),
  refusedAsSvid(
    'leaf: version 3 without extensions',
    leaf((draft) => void (draft.extensions = [])),
  ),
  refused(
    'root: version 1',
    (chain) => void Object.assign(rootOf(chain), { version: new Uint8Array(), extensions: [] }),
  ),
  refused(
    'leaf: extensions are empty',
    leaf((draft) => void (draft.extensionsElement = encodeExplicit(3, encodeSequence()))),
  ),
]

/** BER where DER is asked for, and octets that belong to nobody. */
const ber: readonly ChainMutation[] = [
  refused(
    'leaf: trailing octets',
    leaf((draft) => void (draft.tamper = (der) => bytes(der, 0, 0))),
  ),
  refused('issuer: trailing octets', (chain) => void (issuerOf(chain).tamper = (der) => bytes(der, 0)), 1),
  refused(
    'leaf: truncated',
    leaf((draft) => void (draft.tamper = (der) => der.subarray(0, -1))),
  ),
  refused(
    'leaf: indefinite length',
    leaf((draft) => void (draft.tamper = indefinite)),
  ),
  refused(
    'leaf: length in more octets than needed',
    leaf((draft) => void (draft.tamper = longLength)),
  ),
  refused(
    'leaf: an element after the signature',
    leaf((draft) => void (draft.tamper = (der) => encodeSequence(contentOf(der), encodeNull()))),
  ),
  refused(
    'leaf: an element after the extensions',
    leaf((draft) => void (draft.tamperSigned = (content) => bytes(content, encodeNull()))),
  ),
  refused(
    'leaf: no octets',
    leaf((draft) => void (draft.tamper = () => new Uint8Array())),
  ),
  refused(
    'leaf: a SET in place of the outer SEQUENCE',
    leaf((draft) => void (draft.tamper = (der) => der.with(0, 0x31))),
  ),
]

const BASIC = '2.5.29.19'
const constraints = encodeOctetString(encodeSequence())

/** One more extension, as it will be written; replaces basic constraints so that none is there twice. */
const written = (what: string, ...parts: readonly Uint8Array[]): ChainMutation =>
  refused(
    `leaf: an extension with ${what}`,
    leaf((draft) => {
      const others = draft.extensions.filter(({ oid }) => oid !== BASIC)
      draft.extensions = [...others, { oid: BASIC, der: encodeSequence(encodeOid(BASIC), ...parts) }]
    }),
  )

/** How extensions are written. */
const extensionForms: readonly ChainMutation[] = [
  written('critical FALSE written out', bytes(1, 1, 0), constraints),
  written('critical TRUE as 0x01', bytes(1, 1, 1), constraints),
  written('trailing octets in its value', encodeBoolean(true), encodeOctetString(encodeSequence(), encodeNull())),
  written('an element after its value', encodeBoolean(true), constraints, encodeNull()),
  written('no value', encodeBoolean(true)),
  written('a constructed OCTET STRING', encodeBoolean(true), encodeElement(0x24, constraints)),
]

/** Changes of how things are written: BER, versions, serial numbers, extensions. */
export const encodingMutations: readonly ChainMutation[] = [...serials, ...versions, ...ber, ...extensionForms]
