import { type Certificate, explanationLimits, type ExplainedRule, spiffeIdOfCertificate } from '@meshid/certificate'
import { type SpiffeId, SpiffeIdError, parseSpiffeId } from '@meshid/spiffe-id'
import type { SvidErrorCode } from './errors.ts'

/** A rule of leaves as explanations tell it. */
export interface SvidRule {
  readonly rule: string
  readonly asks: string
  /** The code of `verifySvid` when it is broken. */
  readonly code: SvidErrorCode
  /** What was found, or undefined when it cannot be said because an earlier rule is broken. */
  readonly found: (leaf: Certificate) => string | undefined
  readonly isKept: (leaf: Certificate) => boolean
  /** The next step when it is broken. */
  readonly fix: (leaf: Certificate) => string
}

const urisOf = ({ subjectAltNames }: Certificate): readonly string[] => subjectAltNames?.uris ?? []
const onlyUri = (leaf: Certificate): string | undefined => (urisOf(leaf).length === 1 ? urisOf(leaf)[0] : undefined)
const anew = 'Issue the leaf anew'

/** The SPIFFE ID of a certificate that has exactly one, and is judged no further. */
export function idOf(leaf: Certificate): SpiffeId | undefined {
  return refusalOfId(leaf) === undefined && onlyUri(leaf) !== undefined ? spiffeIdOfCertificate(leaf) : undefined
}

function refusalOfId(leaf: Certificate): string | undefined {
  try {
    parseSpiffeId(onlyUri(leaf) ?? '')
    return undefined
  } catch (error) {
    if (error instanceof SpiffeIdError) return error.message
    throw error
  }
}

/** Names that a peer may have chosen by the hundred. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, explanationLimits.values)
  const rest = names.length - shown.length
  return `${shown.map(shorten).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`
}

/** Longest name in a sentence. */
const MAX_SHOWN_CHARACTERS = 200

const shorten = (text: string): string =>
  text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`

function otherNames({ subjectAltNames: names }: Certificate): string {
  const others = [...(names?.dnsNames ?? []), ...(names?.emailAddresses ?? []), ...(names?.ipAddresses ?? [])]
  return others.length === 0 ? 'none, and no other name' : `none; other names, which are no IDs: ${listed(others)}`
}

function usagesOf({ keyUsage }: Certificate): string {
  if (keyUsage === undefined) return 'no key usage'
  const set = Object.entries(keyUsage).flatMap(([name, isSet]) => (name !== 'critical' && isSet === true ? [name] : []))
  return set.join(', ')
}

/** The rules of leaves, in the order in which `verifySvid` asks them. */
export const svidRules: readonly SvidRule[] = [
  {
    rule: 'X509-3',
    asks: 'there is a URI name',
    code: 'SVID_NO_URI_NAME',
    found: (leaf) => (urisOf(leaf).length === 0 ? otherNames(leaf) : String(urisOf(leaf).length)),
    isKept: (leaf) => urisOf(leaf).length > 0,
    fix: () => `${anew} with its SPIFFE ID as a URI name; DNS names and common names are no IDs.`,
  },
  {
    rule: 'X509-2',
    asks: 'there is no second URI name',
    code: 'SVID_MULTIPLE_URI_NAMES',
    found: (leaf) => `${urisOf(leaf).length}: ${listed(urisOf(leaf))}`,
    isKept: (leaf) => urisOf(leaf).length === 1,
    fix: () => `${anew} with its one SPIFFE ID as the only URI name; what needs another ID needs an SVID of its own.`,
  },
  {
    rule: 'X509-5',
    asks: 'the URI name is a SPIFFE ID',
    code: 'SVID_ID_INVALID',
    found: (leaf) => onlyUri(leaf) && (refusalOfId(leaf) ?? shorten(String(onlyUri(leaf)))),
    isKept: (leaf) => refusalOfId(leaf) === undefined,
    fix: () => `${anew} with a SPIFFE ID: spiffe://, a trust domain in lower case, a path of plain segments.`,
  },
  {
    rule: 'X509-7',
    asks: 'the ID has a path',
    code: 'SVID_ID_WITHOUT_PATH',
    found: (leaf) => {
      const id = idOf(leaf)
      return id && (id.path === '' ? 'none' : shorten(id.path))
    },
    isKept: (leaf) => idOf(leaf)?.path !== '',
    fix: () =>
      `${anew} with an ID that names a workload, such as spiffe://…/ns/…/sa/…; without a path it is a trust domain.`,
  },
  {
    rule: 'X509-15',
    asks: 'the leaf is no CA',
    code: 'SVID_LEAF_IS_CA',
    found: ({ basicConstraints }) => (basicConstraints?.ca === true ? 'CA:TRUE' : 'no CA'),
    isKept: ({ basicConstraints }) => basicConstraints?.ca !== true,
    fix: () =>
      'Show a leaf that this CA issued, first in the chain and with a key of its own; CAs may not authenticate.',
  },
  {
    rule: 'X509-18',
    asks: 'its key may sign handshakes (digitalSignature)',
    code: 'SVID_LEAF_NO_DIGITAL_SIGNATURE',
    found: usagesOf,
    isKept: ({ keyUsage }) => keyUsage?.digitalSignature === true,
    fix: () => `${anew} with key usage digitalSignature, critical.`,
  },
  {
    rule: 'X509-18',
    asks: 'its key may not sign certificates or CRLs',
    code: 'SVID_LEAF_CAN_SIGN',
    found: usagesOf,
    isKept: ({ keyUsage }) => keyUsage?.keyCertSign !== true && keyUsage?.crlSign !== true,
    fix: () => `${anew} without key usages keyCertSign and cRLSign.`,
  },
  {
    rule: 'X509-8',
    asks: 'with an empty subject, the names are critical',
    code: 'SVID_SUBJECT_ALT_NAME_NOT_CRITICAL',
    found: ({ subject, subjectAltNames }) =>
      subject.isEmpty ? `empty, ${subjectAltNames?.critical === true ? 'critical' : 'not critical'}` : 'not empty',
    isKept: ({ subject, subjectAltNames }) => !subject.isEmpty || subjectAltNames?.critical === true,
    fix: () => `${anew} with a critical subject alternative name, or with a subject.`,
  },
]

/** How a rule stands with a leaf. */
export function explainRule({ rule, asks, found, isKept }: SvidRule, leaf: Certificate): ExplainedRule {
  const evidence = found(leaf)
  const verdict = evidence === undefined ? 'unknown' : isKept(leaf) ? 'kept' : 'broken'
  return Object.freeze({ rule, asks, verdict, found: evidence ?? 'cannot be said' })
}
