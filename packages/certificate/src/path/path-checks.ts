import { oidName } from '@meshid/der'
import { keyIdentifier } from '@meshid/keys'
import type { CertificateErrorDetail } from '../errors.ts'
import { bytesToHex } from '../hex.ts'
import { Certificate } from '../parse/certificate.ts'
import { checkCriticalExtensions } from './check-critical-extensions.ts'
import { checkExtendedKeyUsage, requiredUsages } from './check-extended-key-usage.ts'
import { checkNameConstraints } from './check-name-constraints.ts'
import { checkPathLength, countAuthorities } from './check-path-length.ts'
import { checkPolicies } from './check-policies.ts'
import { checkPurpose } from './check-purpose.ts'
import { checkSerialNumber } from './check-serial-number.ts'
import { checkSignature } from './check-signature.ts'
import { checkSigner } from './check-signer.ts'
import { checkValidity } from './check-validity.ts'
import type { PathCheck } from './path-check.ts'
import type { TrustAnchor } from './trusted-key.ts'
import { compareKeyIdentifiers } from './verify-certificate-signature.ts'

const purpose: PathCheck = {
  name: 'purpose',
  check: ({ subject }, search) => checkPurpose(subject, search.purpose),
  evidence: ({ subject }, search) => ({ expected: search.purpose, ...powersOf(subject) }),
}

const authority: PathCheck = {
  name: 'authority',
  check: ({ subject, role }) => checkSigner(subject, { keyUsage: role === 'anchor' ? 'optional' : 'required' }),
  evidence: ({ subject }) => powersOf(subject),
}

const extendedKeyUsage: PathCheck = {
  name: 'extended-key-usage',
  check: ({ subject }, search) => checkExtendedKeyUsage(subject, search.purpose),
  evidence: ({ subject }, search) => ({
    expected: requiredUsages[search.purpose],
    found: subject.extendedKeyUsage?.purposes ?? 'none, which allows all',
  }),
}

const criticalExtensions: PathCheck = {
  name: 'critical-extensions',
  check: ({ subject }) => checkCriticalExtensions(subject),
  evidence: ({ subject }) => ({
    critical: subject.extensions.filter(({ critical }) => critical).map(({ oid }) => oidName(oid) ?? oid),
  }),
}

const policies: PathCheck = {
  name: 'policies',
  check: ({ subject }) => checkPolicies(subject),
  evidence: ({ subject }) => ({
    requireExplicitPolicy: subject.policyConstraints?.requireExplicitPolicy ?? 'not demanded',
  }),
}

const serialNumber: PathCheck = {
  name: 'serial-number',
  check: ({ subject, role }) => (role === 'anchor' ? undefined : checkSerialNumber(subject)),
  evidence: ({ subject }) => ({ serialNumber: subject.serialNumber }),
}

const pathLength: PathCheck = {
  name: 'path-length',
  check: checkPathLength,
  evidence: ({ subject, below }, search) => ({
    limit: subject.basicConstraints?.pathLength ?? 'none',
    found: countAuthorities(below, search.purpose === 'issuer' ? 0 : 1),
  }),
}

const validity: PathCheck<TrustAnchor> = {
  name: 'validity',
  check: ({ subject, role }, { now }) => checkValidity(subject, { now, role: role === 'anchor' ? 'anchor' : 'other' }),
  evidence: ({ subject }, { now }) => ({
    notBefore: subject.notBefore?.toISOString() ?? 'always',
    notAfter: subject.notAfter?.toISOString() ?? 'for ever',
    now: now.toISOString(),
  }),
}

const signature: PathCheck<TrustAnchor> = {
  name: 'signature',
  check: checkSignature,
  evidence: ({ subject, below }) => ({
    algorithm: below.at(-1)?.signatureAlgorithm ?? below.at(-1)?.signatureAlgorithmOid ?? '',
    issuerAlgorithm: subject.publicKey.algorithm,
    ...keyIdentifiersOf(subject, below.at(-1) as Certificate),
  }),
}

const nameConstraints: PathCheck<TrustAnchor> = {
  name: 'name-constraints',
  check: checkNameConstraints,
  evidence: ({ subject }) => ({
    permitted: (subject.nameConstraints?.permitted ?? []).map(({ kind, value }) => `${kind}:${value}`),
    excluded: (subject.nameConstraints?.excluded ?? []).map(({ kind, value }) => `${kind}:${value}`),
  }),
}

/** What the certificate in question must keep, in this order. */
export const targetChecks: readonly PathCheck[] = [
  purpose,
  extendedKeyUsage,
  criticalExtensions,
  policies,
  serialNumber,
  validity,
]

/** What every CA certificate above it must keep: first what costs nothing, then its signature, then what a genuine CA says of names. */
export const issuerChecks: readonly PathCheck[] = [
  authority,
  criticalExtensions,
  policies,
  extendedKeyUsage,
  serialNumber,
  pathLength,
  validity,
  signature,
  nameConstraints,
]

/** What an anchor that is no certificate must keep. */
export const trustedKeyChecks: readonly PathCheck<TrustAnchor>[] = [validity, signature, nameConstraints]

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
