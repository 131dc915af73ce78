import { oidName } from '@meshid/der'
import { keyIdentifier } from '@meshid/keys'
import type { CertificateErrorDetail } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { Certificate } from '../parse/certificate.ts'
import { requiredUsages } from './check-extended-key-usage.ts'
import { countAuthorities } from './check-path-length.ts'
import type { PathLink, PathSearch } from './path-check.ts'
import type { PathCheckName } from './path-event.ts'
import type { TrustAnchor } from './trusted-key.ts'
import { compareKeyIdentifiers } from './verify-certificate-signature.ts'

type Evidence<Subject extends TrustAnchor> = (link: PathLink<Subject>, search: PathSearch) => CertificateErrorDetail

/** What a check looked at: dates, names, key identifiers and limits; safe to log. */
export function evidenceOfCheck(
  name: PathCheckName,
  link: PathLink<TrustAnchor>,
  search: PathSearch,
): CertificateErrorDetail {
  const { subject } = link
  if (isAnchorCheck(name)) return ofAnchors[name](link, search)
  return subject instanceof Certificate ? ofCertificates[name]({ ...link, subject }, search) : {}
}

function isAnchorCheck(name: PathCheckName): name is AnchorCheckName {
  return Object.hasOwn(ofAnchors, name)
}

/** The checks that trusted keys must keep as well. */
type AnchorCheckName = 'validity' | 'signature' | 'name-constraints'

const ofAnchors: Readonly<Record<AnchorCheckName, Evidence<TrustAnchor>>> = {
  validity: ({ subject }, { now }) => ({
    notBefore: subject.notBefore?.toISOString() ?? 'always',
    notAfter: subject.notAfter?.toISOString() ?? 'for ever',
    now: now.toISOString(),
  }),
  signature: ({ subject, below }) => ({
    algorithm: below.at(-1)?.signatureAlgorithm ?? below.at(-1)?.signatureAlgorithmOid ?? '',
    issuerAlgorithm: subject.publicKey.algorithm,
    ...keyIdentifiersOf(subject, below.at(-1) as Certificate),
  }),
  'name-constraints': ({ subject }) => ({
    permitted: (subject.nameConstraints?.permitted ?? []).map(({ kind, value }) => `${kind}:${value}`),
    excluded: (subject.nameConstraints?.excluded ?? []).map(({ kind, value }) => `${kind}:${value}`),
  }),
}

const ofCertificates: Readonly<Record<Exclude<PathCheckName, AnchorCheckName>, Evidence<Certificate>>> = {
  purpose: ({ subject }, search) => ({ expected: search.purpose, ...powersOf(subject) }),
  authority: ({ subject }) => powersOf(subject),
  'extended-key-usage': ({ subject }, search) => ({
    expected: requiredUsages[search.purpose],
    found: subject.extendedKeyUsage?.purposes ?? 'none, which allows all',
  }),
  'critical-extensions': ({ subject }) => ({
    critical: subject.extensions.filter(({ critical }) => critical).map(({ oid }) => oidName(oid) ?? oid),
  }),
  policies: ({ subject }) => ({
    requireExplicitPolicy: subject.policyConstraints?.requireExplicitPolicy ?? 'not demanded',
  }),
  'serial-number': ({ subject }) => ({ serialNumber: subject.serialNumber }),
  'path-length': ({ subject, below }, search) => ({
    limit: subject.basicConstraints?.pathLength ?? 'none',
    found: countAuthorities(below, search.purpose === 'issuer' ? 0 : 1),
  }),
}

function powersOf({ basicConstraints, keyUsage }: Certificate): CertificateErrorDetail {
  const usages = Object.entries(keyUsage ?? {}).flatMap(([name, isSet]) =>
    name !== 'critical' && isSet === true ? [name] : [],
  )
  const ca = basicConstraints?.ca === true
  return {
    basicConstraints: basicConstraints === undefined ? 'none' : ca ? 'CA:TRUE' : 'CA:FALSE',
    keyUsage: keyUsage === undefined ? 'none' : usages,
  }
}

function keyIdentifiersOf(issuer: TrustAnchor, certificate: Certificate): CertificateErrorDetail {
  const { authorityKeyIdentifier } = certificate
  const found = issuer instanceof Certificate ? issuer.subjectKeyIdentifier : undefined
  return {
    keyIdentifiers: compareKeyIdentifiers(certificate, issuer),
    ...(authorityKeyIdentifier === undefined ? {} : { authorityKeyIdentifier: bytesToHex(authorityKeyIdentifier) }),
    issuerKeyIdentifier: bytesToHex(found ?? keyIdentifier(issuer.publicKey)),
  }
}
